"""``tuza backup …``: create, verify and restore backups."""

import sqlite3
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import click
from flask import current_app
from flask.cli import AppGroup
from flask_migrate import upgrade
from sqlalchemy.exc import SQLAlchemyError

from shop.backups.archive import BackupError, Manifest
from shop.backups.work import Installation, create_backup, is_taken, restore_backup, set_up
from shop.cli.numbers import WholeNumber
from shop.cli.progress import progress
from shop.db.failures import UNREACHABLE, classify
from shop.db.readiness import check_readiness
from shop.db.session import db
from shop.services.backups.runs import record_backup
from shop.services.loyalty.verification import VerificationReport, verify_ledger
from shop.services.privacy.erasure import repeat_erasures

backup = AppGroup("backup", help="Create, verify and restore backups.")
Params = ParamSpec("Params")
Result = TypeVar("Result")
file_argument = click.argument("file", type=click.Path(path_type=Path))


def _with_error_messages(run: Callable[Params, Result]) -> Callable[Params, Result]:
    """Turn the failures of a backup, the database and the disk into a message and exit code 1."""

    @wraps(run)
    def wrapper(*args: Params.args, **kwargs: Params.kwargs) -> Result:
        try:
            return run(*args, **kwargs)
        except BackupError as error:
            raise click.ClickException(str(error)) from None
        except (sqlite3.DatabaseError, SQLAlchemyError) as error:
            raise click.ClickException((classify(error) or UNREACHABLE).detail) from None
        except OSError as error:
            raise click.ClickException(f"The backup cannot be written or read: {error.strerror or error}.") from None

    return wrapper


def _installation() -> Installation:
    config = current_app.config
    return Installation(config["SQLALCHEMY_DATABASE_URI"], Path(config["SHOP_INSTANCE"]))


@backup.command("create")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--keep", type=WholeNumber(1), help="Delete all but this many of the newest backups in the folder.")
@_with_error_messages
def create(folder: Path | None, keep: int | None) -> None:
    """Write a backup to FOLDER (by default backups/ in the instance folder). The shop stays open.

    It contains the whole database at one moment and the instance folder's files, but not SECRET_KEY.
    """
    installation = _installation()
    target, manifest = create_backup(installation, folder or installation.instance / "backups", keep=keep)
    click.echo(f"{target}: {_contents(manifest)}, {target.stat().st_size / 1024 / 1024:.1f} MB.")
    record_backup("tuza backup create", target.name, target.stat().st_size)


@backup.command("verify")
@file_argument
@_with_error_messages
def verify(file: Path) -> None:
    """Check that a backup FILE can be restored: restore it into a temporary database and verify the ledger there.

    Checks each file's hash and each table's row count. On PostgreSQL the temporary database is created on the shop's
    own server. Exits with 1 when anything is wrong.
    """
    with set_up(_installation(), file) as (manifest, url), progress("Checking the ledger") as show:
        proof = _verify_ledger(url, show)
    for fault in proof.faults:
        click.echo(str(fault))
    if not proof.is_clean:
        raise click.ClickException(f"{file.name} is complete, but {len(proof.faults):,} accounts in it are wrong.")
    click.echo(f"{file.name} is complete: {_contents(manifest)}, made {manifest.made_at}. Its ledger has no errors.")


def _verify_ledger(url: str, show: Callable[[int, int], None]) -> VerificationReport:
    """Migrate a temporary database and verify its ledger."""
    from shop import create_app

    driver = url.replace("postgresql://", "postgresql+psycopg://", 1)
    app = create_app({"SQLALCHEMY_DATABASE_URI": driver, "DATABASE_REPLICA_URL": ""})
    with app.app_context():
        try:
            if check_readiness():
                upgrade()
            return verify_ledger(on_progress=show)
        finally:
            db.session.remove()
            db.engine.dispose()


@backup.command("restore")
@file_argument
@click.option("--yes", is_flag=True, help="Replace the existing shop. Its database is kept under another name.")
@_with_error_messages
def restore(file: Path, yes: bool) -> None:
    """Replace the database with a backup FILE, and copy its files into the instance folder.

    Replaces an existing shop only with --yes, and keeps the former database under another name. People on the list of
    erasures (erasures.jsonl in the instance folder) are erased again.
    """
    installation = _installation()
    db.session.remove()
    db.engine.dispose()  # an open connection would prevent the replacement
    if not yes and is_taken(installation):
        raise click.ClickException(
            "The database already contains a shop. Nothing was changed. Use --yes to replace it; "
            "the former database is kept."
        )
    manifest, kept = restore_backup(installation, file)
    click.echo(f"Restored {_contents(manifest)}, made {manifest.made_at}.")
    for sentence in kept:
        click.echo(sentence)
    if check_readiness():
        click.echo("The backup was made by an older version. Before you start the shop: tuza db upgrade")
        click.echo("Then erase again who was erased since: tuza privacy repeat-erasures")
    else:
        click.echo(f"{repeat_erasures():,} people who had been erased were erased again.")
    click.echo("Now check it: tuza ledger verify")


def _contents(manifest: Manifest) -> str:
    counts = manifest.counts
    words = (("customers", "customers"), ("orders", "orders"), ("loyalty_entries", "ledger entries"))
    return ", ".join(f"{counts.get(table, 0):,} {name}" for table, name in words)

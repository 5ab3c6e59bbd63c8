"""``flask --app wsgi backup …``: take a backup while the shop is open, prove it, put it back."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import click
import flask_migrate
from flask import current_app
from flask.cli import AppGroup

from shop.backups.archive import BackupError, Manifest
from shop.backups.work import Installation, create_backup, is_taken, restore_backup, set_up
from shop.cli.progress import progress
from shop.db.readiness import check_readiness
from shop.db.session import db
from shop.services.loyalty.verification import Proof, verify_ledger

backup = AppGroup("backup", help="Take backups while the shop is open, prove them, put them back.")
Given = ParamSpec("Given")
Made = TypeVar("Made")
file_argument = click.argument("file", type=click.Path(path_type=Path))


def _plainly(run: Callable[Given, Made]) -> Callable[Given, Made]:
    """What cannot be becomes a sentence and exit code 1."""

    @wraps(run)
    def told(*args: Given.args, **kwargs: Given.kwargs) -> Made:
        try:
            return run(*args, **kwargs)
        except BackupError as wrong:
            raise click.ClickException(str(wrong)) from None

    return told


def _home() -> Installation:
    config = current_app.config
    return Installation(config["SQLALCHEMY_DATABASE_URI"], Path(config["SHOP_INSTANCE"]))


@backup.command("create")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--keep", type=click.IntRange(1), help="Leave only so many of the newest backups in the folder.")
@_plainly
def create(folder: Path | None, keep: int | None) -> None:
    """Write a backup into FOLDER (backups/ in the instance folder, unless given).

    It holds the whole database of one moment and the instance folder's files, but no SECRET_KEY. The shop stays open.
    """
    home = _home()
    target, manifest = create_backup(home, folder or home.instance / "backups", keep=keep)
    click.echo(f"{target}: {_contents(manifest)}, {target.stat().st_size / 1024 / 1024:.1f} MB.")


@backup.command("verify")
@file_argument
@_plainly
def verify(file: Path) -> None:
    """Prove that a backup FILE can be put back: restore it into a temporary database and verify the ledger there.

    Every file is held against its hash, every table's rows are counted. On PostgreSQL the temporary database is made
    on the shop's own server. Exit code 1 when anything is off.
    """
    with set_up(_home(), file) as (manifest, url), progress("Checking the ledger") as show:
        proof = _prove(url, show)
    for fault in proof.faults:
        click.echo(str(fault))
    if not proof.is_clean:
        raise click.ClickException(f"{file.name} is whole, but {len(proof.faults):,} accounts in it are off.")
    click.echo(f"{file.name} is whole: {_contents(manifest)}, made {manifest.made_at}; the ledger in it is right.")


def _prove(url: str, show: Callable[[int, int], None]) -> Proof:
    """Verify the ledger of a temporary database, brought up to this version's schema first."""
    from shop import create_app

    driver = url.replace("postgresql://", "postgresql+psycopg://", 1)
    app = create_app({"SQLALCHEMY_DATABASE_URI": driver, "DATABASE_REPLICA_URL": ""})
    with app.app_context():
        try:
            if check_readiness():
                flask_migrate.upgrade()
            return verify_ledger(on_progress=show)
        finally:
            db.session.remove()
            db.engine.dispose()


@backup.command("restore")
@file_argument
@click.option("--yes", is_flag=True, help="Replace what is there. It is kept beside the restored one.")
@_plainly
def restore(file: Path, yes: bool) -> None:
    """Put a backup FILE in the place of the database, and its files into the instance folder.

    Refuses to replace a shop that is there unless --yes is given; the former database is kept all the same.
    """
    home = _home()
    db.session.remove()
    db.engine.dispose()  # not one of those that would keep the database from being replaced
    if not yes and is_taken(home):
        raise click.ClickException(
            "There is a shop in the database already, and nothing was changed. With --yes it is replaced; "
            "the former database is kept."
        )
    manifest, kept = restore_backup(home, file)
    click.echo(f"Restored {_contents(manifest)}, made {manifest.made_at}.")
    for sentence in kept:
        click.echo(sentence)
    if check_readiness():
        click.echo("The backup is of an older version. Before starting the shop: flask --app wsgi db upgrade")
    click.echo("Now prove it: flask --app wsgi ledger verify")


def _contents(manifest: Manifest) -> str:
    counts = manifest.counts
    words = (("customers", "customers"), ("orders", "orders"), ("loyalty_entries", "entries of the ledger"))
    return ", ".join(f"{counts.get(table, 0):,} {name}" for table, name in words)

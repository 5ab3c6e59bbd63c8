"""Backups of a shop in use: created, verified and restored on both engines; and errors."""

import json
import os
import re
import shutil
import stat
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from shop.backups import postgresql
from shop.backups.archive import MANIFEST, BackupError, extract_files, unpacked
from shop.db.session import db
from shop.db.tenant import all_tenants, use_shop
from shop.models import Customer
from shop.services.customers.erasure.deletion import delete_customer
from shop.services.loyalty.verification import verify_ledger
from tests import factories
from tests.support.postgres import find_binaries
from tests.support.rows import run_sql, snapshot

Run = Callable[..., Result]
ORDERS = 12


@pytest.fixture(autouse=True)
def _programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs of the tests' own server, which may be newer than those on PATH."""
    monkeypatch.setenv("PG_BIN", str(find_binaries()))


@pytest.fixture
def run(private_app: Flask) -> Run:
    """Run a command; its result has ``output`` and ``exit_code``."""
    return lambda *words: private_app.test_cli_runner().invoke(args=["backup", *(str(word) for word in words)])


@pytest.fixture
def duka(private_app: Flask) -> int:
    """The only shop of the installation, with a customer with points and a picture in the instance folder."""
    folder = Path(private_app.config["SHOP_INSTANCE"])
    (folder / "pictures").mkdir()
    (folder / "pictures" / "id-1.png").write_bytes(b"not really a picture")
    (folder / "secret_key").write_text("not to be found in a backup")
    with private_app.app_context():
        shop = factories.make_shop("Duka")
        factories.make_order(factories.make_customer("jane@example.com", points=500), 5000, payment_status="paid")
    return shop.id


def made(result: Result) -> Path:
    """The backup written by a command."""
    assert result.exit_code == 0, result.output
    found = re.match(r"(\S+\.tar\.gz): ", result.output)
    assert found is not None
    return Path(found[1])


def refused(result: Result) -> str:
    """Return the message of an error."""
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    return result.output.removeprefix("Error: ").strip()


@pytest.fixture
def writer(private_app: Flask, duka: int) -> Iterator[threading.Event]:
    """A thread that keeps placing orders; the event is set once ``ORDERS`` were placed."""
    stop, busy = threading.Event(), threading.Event()

    def write() -> None:
        with private_app.app_context():
            use_shop(duka)
            product = factories.make_product()
            placed = 0
            while not stop.is_set():
                factories.place(factories.make_customer(points=900), [(product, 1)], points=5)
                placed += 1
                if placed >= ORDERS:
                    busy.set()

    thread = threading.Thread(target=write)
    thread.start()
    yield busy
    stop.set()
    thread.join(60)
    assert not thread.is_alive()


def test_a_shop_at_work_is_backed_up_whole(run: Run, writer: threading.Event, tmp_path: Path) -> None:
    assert writer.wait(120)
    backup = made(run("create", tmp_path))
    result = run("verify", backup)
    assert result.exit_code == 0, result.output
    assert "is complete" in result.output
    assert "Its ledger has no errors" in result.output


def test_what_is_put_back_is_what_was_there(run: Run, private_app: Flask, duka: int, tmp_path: Path) -> None:
    with private_app.app_context():
        before = snapshot()
    backup = made(run("create", tmp_path))
    with private_app.app_context():
        use_shop(duka)
        lost = factories.make_customer("later@example.com", points=70)
    picture = Path(private_app.config["SHOP_INSTANCE"]) / "pictures" / "id-1.png"
    picture.write_bytes(b"another one")
    result = run("restore", backup, "--yes")
    assert result.exit_code == 0, result.output
    assert "The former database is kept" in result.output
    assert "1 files that were different are kept in" in result.output
    assert picture.read_bytes() == b"not really a picture"
    with private_app.app_context():
        assert snapshot() == before
        assert verify_ledger().is_clean
        use_shop(duka)
        assert factories.make_customer("later@example.com", points=70).id == lost.id  # and the ids continue from there
        assert verify_ledger().is_clean
    _drop_former(private_app, result.output)


def test_who_was_erased_is_erased_again(run: Run, private_app: Flask, duka: int, tmp_path: Path) -> None:
    backup = made(run("create", tmp_path))
    with private_app.app_context():
        use_shop(duka)
        (jane,) = db.session.scalars(select(Customer.id))
        delete_customer(jane, factories.TESTER)
    result = run("restore", backup, "--yes")
    assert "1 people who had been erased were erased again." in result.output
    with private_app.app_context():
        use_shop(duka)
        assert db.session.scalars(select(Customer.id)).all() == []
        assert verify_ledger().is_clean
    _drop_former(private_app, result.output)


def _drop_former(app: Flask, said: str) -> None:
    """Drop the databases left on the tests' server."""
    found = re.search(r"kept on the server as (\S+)\.", said)
    if found is not None:
        with postgresql._administer(app.config["SQLALCHEMY_DATABASE_URI"]) as connection:
            connection.execute(f'DROP DATABASE "{found[1]}"')


@pytest.mark.filterwarnings("ignore:.*was deleted while still open:ResourceWarning")  # those in use when all were ended
def test_a_shop_can_be_restored_during_writes(run: Run, private_app: Flask, duka: int, tmp_path: Path) -> None:
    backup = made(run("create", tmp_path))
    stop, errors = threading.Event(), []

    def write() -> None:
        while not stop.is_set():
            with private_app.app_context():
                use_shop(duka)
                try:
                    factories.make_customer(points=9)
                except Exception as error:  # the connection has ended, or the new customer is missing again
                    errors.append(type(error).__name__)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        result = run("restore", backup, "--yes")
    finally:
        stop.set()
        thread.join(60)
    assert result.exit_code == 0, result.output
    assert set(errors) <= {"OperationalError", "NotFound"}
    with private_app.app_context():
        assert verify_ledger().is_clean
        with all_tenants():
            assert db.session.execute(db.text("SELECT count(*) FROM orders")).scalar_one() == 1
        db.session.rollback()
    _drop_former(private_app, result.output)


def test_nothing_is_replaced_without_confirmation(run: Run, private_app: Flask, duka: int, tmp_path: Path) -> None:
    backup = made(run("create", tmp_path))
    with private_app.app_context():
        before = snapshot()
    assert "Nothing was changed. Use --yes to replace it" in refused(run("restore", backup))
    with private_app.app_context():
        assert snapshot() == before


def test_a_backup_holds_what_it_says_and_no_key(run: Run, duka: int, tmp_path: Path) -> None:
    backup = made(run("create", tmp_path))
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with tarfile.open(backup) as tar:
        names = tar.getnames()
        manifest = json.load(tar.extractfile(MANIFEST))  # type: ignore[arg-type]
    assert names == [MANIFEST, "database", "files/pictures/id-1.png"]
    assert (manifest["counts"]["customers"], manifest["counts"]["loyalty_entries"], manifest["points"]) == (1, 2, 550)
    assert set(manifest["hashes"]) == {"database", "files/pictures/id-1.png"}


def test_only_the_newest_are_kept(run: Run, duka: int, tmp_path: Path) -> None:
    for day in range(3):
        (tmp_path / f"tuza-2026010{day}T020000Z.tar.gz").touch()
    (tmp_path / "mine.txt").touch()
    backup = made(run("create", tmp_path, "--keep", 2))
    assert {path.name for path in tmp_path.iterdir()} == {"mine.txt", "tuza-20260102T020000Z.tar.gz", backup.name}


def repacked(backup: Path, change: Callable[[Path], None]) -> Path:
    """Return the backup with something changed in it."""
    folder = backup.parent / "open"
    with tarfile.open(backup) as tar:
        extract_files(tar, folder.resolve())
    change(folder)
    with tarfile.open(backup, "w:gz") as tar:
        for name in sorted(path.name for path in folder.iterdir()):
            tar.add(folder / name, name)
    shutil.rmtree(folder)
    return backup


def alter_file(folder: Path) -> None:
    (folder / "files" / "pictures" / "id-1.png").write_bytes(b"forged")


def lose_rows(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["counts"]["customers"] += 1
    (folder / MANIFEST).write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (alter_file, "files/pictures/id-1.png is not what was put in"),
        (lose_rows, "The table customers has 1 rows, and the manifest says 2"),
        (lambda folder: (folder / "database").unlink(), "database is not what was put in"),
        (lambda folder: (folder / MANIFEST).unlink(), "it has no manifest"),
    ],
)
def test_a_damaged_backup_is_found_out(
    run: Run, duka: int, tmp_path: Path, change: Callable[[Path], Any], words: str
) -> None:
    backup = repacked(made(run("create", tmp_path)), change)
    assert words in refused(run("verify", backup))


def test_a_ledger_that_is_off_is_found_in_its_backup(run: Run, private_app: Flask, duka: int, tmp_path: Path) -> None:
    with private_app.app_context():
        run_sql("UPDATE loyalty_accounts SET points_balance = 7000")
    result = run("verify", made(run("create", tmp_path)))
    assert "1 accounts in it are wrong" in result.output
    assert "its balance must be 550" in result.output


def test_what_is_no_backup_is_said_to_be_none(run: Run, duka: int, tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("hello")
    assert "is no backup" in refused(run("verify", tmp_path / "words.txt"))
    assert "There is no backup" in refused(run("verify", tmp_path / "nothing.tar.gz"))


def test_a_backup_of_the_other_engine_is_refused(run: Run, duka: int, tmp_path: Path, engine_name: str) -> None:
    def pretend(folder: Path) -> None:
        manifest = json.loads((folder / MANIFEST).read_text())
        manifest["engine"] = "postgresql" if engine_name == "sqlite" else "sqlite"
        (folder / MANIFEST).write_text(json.dumps(manifest))

    backup = repacked(made(run("create", tmp_path)), pretend)
    assert "DATABASE_URL names" in refused(run("restore", backup, "--yes"))


def test_programs_older_than_the_server_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 12.9'\n")
    old.chmod(0o755)
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    with pytest.raises(BackupError) as caught:
        postgresql._program("pg_dump", 18)
    assert "there is no pg_dump of version 18 or later in PG_BIN" in str(caught.value)
    assert f"{old} is of version 12" in str(caught.value)
    assert "postgresql-client-18" in str(caught.value)
    assert os.access(old, os.X_OK)


def _hostile(kind: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo("../outside" if kind == "path" else "files/link")
    if kind != "path":
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
    return member


@pytest.mark.parametrize("kind", ["path", "link"])
def test_an_archive_that_reaches_outside_is_refused(kind: str, tmp_path: Path) -> None:
    backup = tmp_path / "backup.tar.gz"
    with tarfile.open(backup, "w:gz") as tar:
        tar.addfile(_hostile(kind))
    with pytest.raises(BackupError, match="damaged"), unpacked(backup):
        pass
    assert not (tmp_path.parent / "outside").exists()

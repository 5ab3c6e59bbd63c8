"""``tuza privacy``."""

import stat
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import use_shop
from shop.models import AuditEntry, Customer
from shop.services import clock
from shop.services.privacy.requests import PrivacyRequestDetails, add_request
from tests import factories
from tests.factories import TESTER

Run = Callable[..., Result]


@pytest.fixture
def run(private_app: Flask) -> Run:
    """Run a privacy command."""
    return lambda *words: private_app.test_cli_runner().invoke(args=["privacy", *(str(word) for word in words)])


@pytest.fixture
def jane(private_app: Flask) -> int:
    """The only customer of the only shop."""
    with private_app.app_context():
        use_shop(factories.make_shop("Duka").id)
        return factories.make_customer("jane@example.com", first_name="Jane", phone="0712345678").id


def test_requests_are_listed(run: Run, private_app: Flask, jane: int) -> None:
    assert run("requests").output == "No requests.\n"
    with private_app.app_context():
        use_shop(1)
        late = clock.now() - timedelta(days=9)
        add_request(PrivacyRequestDetails("access", jane, received_at=late), TESTER)
    assert "OVERDUE  Jane" in run("requests", "--all").output


@pytest.mark.parametrize("person", ["jane@example.com", "0712 345 678", "{id}"])
def test_one_person_is_exported(run: Run, private_app: Flask, jane: int, tmp_path: Path, person: str) -> None:
    file = tmp_path / "jane.zip"
    assert run("export", person.format(id=jane), "--to", file).exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert b"jane@example.com" in zipfile.ZipFile(file).read("personal-data.json")
    with private_app.app_context():
        use_shop(1)
        assert db.session.scalars(select(AuditEntry.action)).all() == ["customer.data_exported"]


def test_an_unknown_person_is_one_sentence(run: Run, jane: int, tmp_path: Path) -> None:
    for person in ("nobody@example.com", "999999", "9" * 25, "Jane"):
        result = run("export", person, "--to", tmp_path / "x.zip")
        assert (result.exit_code, result.output.startswith("Error: ")) == (1, True)
    assert list(tmp_path.iterdir()) == []


def test_a_person_is_erased_when_it_is_meant(run: Run, private_app: Flask, jane: int) -> None:
    assert run("erase", "jane@example.com").exit_code == 1
    assert run("erase", "jane@example.com", "--yes").exit_code == 0
    with private_app.app_context():
        use_shop(1)
        assert db.session.scalars(select(Customer.id)).all() == []
    assert run("repeat-erasures").output == "0 people were erased again.\n"


def test_affected_people_are_listed(run: Run, jane: int) -> None:
    result = run("affected", "2020-01-01", "2100-01-01T00:00")
    assert f"{jane},Jane,jane@example.com,+254712345678,0" in result.stdout
    assert "1 people existed" in result.stderr


def test_retention_says_what_it_would_delete_and_deletes_it(run: Run, private_app: Flask, jane: int) -> None:
    with clock.moved_to(clock.now() + timedelta(days=1096)):
        assert "guests: 1" in run("retention", "--dry-run").output
        assert "guests: 1" in run("retention").output
        assert "guests: 0" in run("retention", "--dry-run").output

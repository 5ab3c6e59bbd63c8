"""The backups page, and the worker's backup."""

import threading

import pytest

from shop.worker.jobs.backups import make_requested_backup
from tests import factories
from tests.support.postgres import find_binaries


@pytest.fixture
def app(private_app):
    """A separate installation with an empty backups folder."""
    return private_app


@pytest.fixture(autouse=True)
def _programs(monkeypatch):
    monkeypatch.setenv("PG_BIN", str(find_binaries()))


def test_a_backup_is_requested_made_verified_and_listed(staff, app):
    assert "No backups yet" in staff.get("/staff/backups").text
    assert staff.send("/staff/backups").status_code == 303
    waiting = staff.get("/staff/backups").text
    assert "Waiting for the worker" in waiting
    assert 'hx-trigger="load delay:3s"' in waiting
    staff.send("/staff/backups")
    assert "A backup is being made already." in staff.get("/staff/backups").text
    with app.app_context():
        assert make_requested_backup(app.config, threading.Event()) == 1
        assert make_requested_backup(app.config, threading.Event()) == 0
    done = staff.get("/staff/backups", headers={"HX-Request": "true"}).text
    assert "verified." in done
    assert "tuza-" in done
    assert "hx-trigger" not in done


def test_a_failure_is_shown_with_its_reason(staff, app, monkeypatch):
    staff.send("/staff/backups")
    monkeypatch.setitem(app.config, "SHOP_INSTANCE", "/proc/nowhere")
    with app.app_context():
        assert make_requested_backup(app.config, threading.Event()) == 1
    page = staff.get("/staff/backups").text
    assert "cannot be written to /proc/nowhere/backups" in page
    assert "Failed" in page


def test_backups_are_for_owners(browse, inside):
    manager = inside(factories.make_staff, role="manager")
    browser = browse()
    browser.sign_in(manager.email)
    assert browser.get("/staff/backups").status_code == 403
    assert browser.send("/staff/backups").status_code == 403

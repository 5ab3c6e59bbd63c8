"""Retention periods: what is too old is counted and deleted, and nothing else."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from shop.db.session import db
from shop.db.tenant import use_shop
from shop.models import AbandonedCart, AuditEntry, Customer, LoyaltyRegistration, PrivacyRequest, StaffUser
from shop.services import clock
from shop.services.app_config import app_config
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.customers.notes import add_note
from shop.services.customers.uploads import upload_folder
from shop.services.loyalty.registrations import RegistrationRequest, decide_registration, register_customer
from shop.services.privacy.requests import PrivacyRequestDetails, add_request, close_request
from shop.services.privacy.retention import apply_retention, count_expired
from shop.services.shops.settings import change_setting
from shop.services.staff.members import remove_member
from tests import factories
from tests.factories import TESTER
from tests.support.pictures import PNG
from tests.support.shopful import leave_cart

YEARS = timedelta(days=3 * 365 + 1)


@pytest.fixture
def shop_alone(private_app):
    """The only shop of an installation, inside a context."""
    with private_app.app_context():
        shop = factories.make_shop()
        use_shop(shop.id)
        yield shop


def later(after):
    return clock.moved_to(clock.now() + after)


def count(model):
    return db.session.scalars(select(func.count()).select_from(model)).one()


def test_only_guests_without_anything_to_keep_are_erased(shop_alone):
    guest_id = factories.make_customer().id
    factories.make_customer("account@example.com", password=factories.PASSWORD)
    factories.make_customer("points@example.com", points=5)
    add_note(factories.make_customer("noted@example.com").id, "Regular on Fridays.", TESTER)
    assert count_expired()["guests"] == 0
    with later(YEARS):
        factories.make_customer("new@example.com")
        assert count_expired()["guests"] == 1
        assert apply_retention()["guests"] == 1
        assert count_expired()["guests"] == 0
    assert guest_id not in db.session.scalars(select(Customer.id)).all()
    assert count(Customer) == 4


def test_zero_keeps_for_ever(shop_alone):
    factories.make_customer()
    change_setting("retention_guest_days", 0, TESTER)
    with later(10 * YEARS):
        assert apply_retention()["guests"] == 0
    assert count(Customer) == 1


def test_carts_and_audit_entries_go_after_their_period(shop_alone):
    leave_cart("jane@example.com", CartLine(factories.make_product().id, 1))
    change_setting("retention_cart_days", 10, TESTER)
    with later(timedelta(days=9)):
        assert apply_retention()["carts"] == 0
    with later(timedelta(days=11)):
        assert count_expired()["carts"] == 1
        assert (apply_retention()["carts"], count(AbandonedCart)) == (1, 0)
    with later(timedelta(days=1826)):
        assert apply_retention()["audit"] == 1
    assert count(AuditEntry) == 0


def test_closed_requests_go_and_open_ones_stay(shop_alone):
    first, last = (add_request(PrivacyRequestDetails("access", contact=f"{one}@b.example"), TESTER) for one in "ac")
    close_request(first.id, "done", "", TESTER)
    with later(YEARS):
        assert apply_retention()["requests"] == 1
    assert db.session.scalars(select(PrivacyRequest.id)).all() == [last.id]


def test_pictures_of_ids_go_after_the_decision(shop_alone):
    pending, decided = factories.make_customer(), factories.make_customer()
    for customer in (pending, decided):
        last = register_customer(customer.id, RegistrationRequest("Jane Doe", "0712345678", PNG))
    decide_registration(last.id, "approved", TESTER)
    with later(timedelta(days=31)):
        assert count_expired()["id_images"] == 1
        assert apply_retention()["id_images"] == 1
        assert apply_retention()["id_images"] == 0
    (kept,) = db.session.scalars(select(LoyaltyRegistration.id_image).where(LoyaltyRegistration.id_image.is_not(None)))
    assert [file.name for file in upload_folder().iterdir()] == [kept]


def test_accounts_of_former_staff_go(shop_alone):
    factories.make_staff()
    former = factories.make_staff(role="clerk")
    remove_member(former.user_id, TESTER)
    with later(timedelta(days=364)):
        assert apply_retention()["former_staff"] == 0
    with later(timedelta(days=366)):
        assert count_expired()["former_staff"] == 1
        assert apply_retention()["former_staff"] == 1
    assert former.user_id not in db.session.scalars(select(StaffUser.id)).all()
    assert count(StaffUser) == 1


def test_databases_replaced_by_a_restore_go(shop_alone, monkeypatch, tmp_path):
    monkeypatch.setitem(app_config(), "SHOP_INSTANCE", str(tmp_path))
    monkeypatch.setitem(app_config(), "SQLALCHEMY_DATABASE_URI", f"sqlite:///{tmp_path}/tuza.db")
    old, new, folder = tmp_path / "tuza.db.before-1", tmp_path / "tuza.db.before-2", tmp_path / "before-1"
    for path in (old, new, tmp_path / "tuza.db"):
        path.write_text("x")
    folder.mkdir()
    long_ago = (clock.now() - timedelta(days=31)).timestamp()
    for path in (old, folder, tmp_path / "tuza.db"):
        os.utime(path, (long_ago, long_ago))
    assert count_expired()["copies"] == 2
    assert apply_retention()["copies"] == 2
    assert sorted(Path(tmp_path).iterdir()) == [tmp_path / "tuza.db", new]

"""The registrations page."""

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import AuditEntry, LoyaltyRegistration
from shop.services.customers.erasure.deletion import delete_customer
from shop.services.customers.records import get_customer
from shop.services.loyalty.registrations import RegistrationRequest, decide_registration, register_customer
from tests import factories
from tests.support.pictures import PNG

PAGE = "/staff/registrations"


@pytest.fixture
def jane(inside):
    """A customer with a pending registration: (registration, customer)."""
    customer = inside(factories.make_customer, "jane@example.com")
    requested = RegistrationRequest("<b>Jane</b> Doe", "0712345678", PNG)
    return inside(register_customer, customer.id, requested).id, customer.id


def status(inside, number):
    return inside(lambda: db.session.get(LoyaltyRegistration, number).status)


def test_those_that_wait_are_listed_and_counted_in_the_navigation(staff, jane):
    page = staff.get(PAGE).text
    assert "&lt;b&gt;Jane&lt;/b&gt; Doe" in page
    assert "jane@example.com" in page
    assert '<span class="num">1<span class="visually-hidden"> pending</span></span>' in staff.get("/staff/").text
    assert "No registrations" in staff.get(f"{PAGE}?status=approved").text
    assert "jane@example.com" in staff.get(f"{PAGE}?status=").text
    for odd in ("status=lost", "page=0", "page=x", "page=99999999999"):
        assert staff.get(f"{PAGE}?{odd}").status_code == 200


def test_an_empty_list_says_so_and_counts_nothing(staff):
    page = staff.get(PAGE).text
    assert "No pending registrations" in page
    assert "waiting</span>" not in page


def test_the_picture_is_shown_to_managers_and_not_cached(staff, jane):
    number, _ = jane
    assert f'src="{PAGE}/{number}/id-image"' in staff.get(f"{PAGE}/{number}").text
    picture = staff.get(f"{PAGE}/{number}/id-image")
    assert (picture.data, picture.mimetype) == (PNG, "image/png")
    assert picture.headers["Cache-Control"] == "no-store"
    assert picture.headers["X-Content-Type-Options"] == "nosniff"
    assert picture.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_one_without_a_picture_is_shown(staff, inside):
    customer = inside(factories.make_customer)
    number = inside(register_customer, customer.id, RegistrationRequest("Amina", "0712345678")).id
    assert "No photo was sent" in staff.get(f"{PAGE}/{number}").text
    assert staff.get(f"{PAGE}/{number}/id-image").status_code == 404


def test_it_is_approved_by_a_button_and_on_record(staff, inside, jane, owner):
    number, _ = jane
    answer = staff.send(f"{PAGE}/{number}/approve")
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert status(inside, number) == "approved"
    line = inside(
        lambda: db.session.scalars(select(AuditEntry).where(AuditEntry.action == "registration.approved")).one()
    )
    assert (line.actor_id, line.subject, line.old_value, line.new_value) == (
        owner.user_id,
        f"registration:{number}",
        "pending",
        "approved",
    )
    assert "Registration approved" in staff.get("/staff/settings/audit?area=registration").text


def test_it_is_rejected_with_a_reason(staff, inside, jane):
    number, _ = jane
    refused = staff.send(f"{PAGE}/{number}/reject", reason="  ")
    assert refused.status_code == 422
    assert "The customer will see it" in refused.text
    assert staff.send(f"{PAGE}/{number}/reject", reason="x" * 1001).status_code == 422
    assert status(inside, number) == "pending"
    assert staff.send(f"{PAGE}/{number}/reject", reason="Too dark.").status_code == 303
    assert status(inside, number) == "rejected"
    assert "Too dark." in staff.get(f"{PAGE}/{number}").text


def test_a_clerk_sees_nothing_of_it(browse, inside, jane):
    number, _ = jane
    browser = browse()
    browser.sign_in(inside(factories.make_staff, role="clerk").email)
    for path in (PAGE, f"{PAGE}/{number}", f"{PAGE}/{number}/id-image"):
        assert browser.get(path).status_code == 403
    assert browser.send(f"{PAGE}/{number}/approve").status_code == 403
    assert PAGE not in browser.get("/staff/").text


def test_a_long_list_has_pages(staff, inside, monkeypatch):
    monkeypatch.setattr("shop.staff.registrations.PER_PAGE", 2)
    for _ in range(3):
        inside(register_customer, inside(factories.make_customer).id, RegistrationRequest("Amina", "0712345678"))
    first, second = staff.get(PAGE).text, staff.get(f"{PAGE}?page=2").text
    assert ("Older" in first, "Newer" in first) == (True, False)
    assert ("Older" in second, "Newer" in second) == (False, True)


def test_decided_or_deleted_it_leaves_the_list(staff, inside, jane):
    number, customer = jane
    inside(decide_registration, number, "approved", factories.TESTER)
    assert "jane@example.com" not in staff.get(PAGE).text
    inside(delete_customer, customer, factories.TESTER)
    assert staff.get(f"{PAGE}/{number}").status_code == 404


def test_an_approved_customer_without_a_phone_has_that_of_the_registration(inside, jane):
    number, customer = jane
    inside(decide_registration, number, "approved", factories.TESTER)
    found = inside(get_customer, customer)
    assert (found.phone, found.phone_verified_at) == ("+254712345678", None)

"""The personal data pages."""

import io
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import AuditEntry, Customer
from shop.services import clock
from shop.services.privacy.consents import ConsentStatement, record_consent
from shop.services.privacy.requests import PrivacyRequestDetails, add_request, get_request
from shop.services.shops.settings import get_settings
from tests import factories
from tests.factories import TESTER

PAGE = "/staff/privacy"


@pytest.fixture
def jane(inside):
    return inside(factories.make_customer, "jane@example.com", first_name="<b>Jane</b>").id


@pytest.fixture
def ask(inside, jane):
    """Record a request of Jane's; its id."""
    return lambda kind, **rest: inside(add_request, PrivacyRequestDetails(kind, jane, **rest), TESTER).id


def test_requests_are_listed_with_their_due_dates_and_counted_in_the_navigation(staff, ask):
    assert "No open requests" in staff.get(PAGE).text
    ask("access")
    ask("portability", received_at=clock.now() - timedelta(days=31))
    page = staff.get(PAGE).text
    assert "Access: &lt;b&gt;Jane&lt;/b&gt;" in page
    assert page.count("Overdue") == 1
    assert '<span class="num">2<span class="visually-hidden">' in page
    for odd in ("view=lost", "page=0", "page=x", "view=closed", "view="):
        assert staff.get(f"{PAGE}?{odd}").status_code == 200


def test_one_that_is_due_is_pointed_out_on_the_overview(staff, ask):
    number = ask("access")
    assert f"{PAGE}/{number}" not in staff.get("/staff/").text
    number = ask("correction", received_at=clock.now() - timedelta(days=6))
    page = staff.get("/staff/").text
    assert "1 personal data request is due" in page
    assert f"{PAGE}/{number}" in page


def test_a_request_is_recorded_and_closed(staff, inside, jane):
    wrong = staff.send(f"{PAGE}/new", kind="access", contact="Jane")
    assert (wrong.status_code, "kept" in wrong.text or "Jane" in wrong.text) == (422, True)
    made = staff.send(f"{PAGE}/new", kind="access", contact="jane@example.com", note="All <i>of</i> it")
    assert made.status_code == 303
    page = staff.get(made.location).text
    assert "All &lt;i&gt;of&lt;/i&gt; it" in page
    refused = staff.send(f"{made.location}/close", state="refused", outcome="")
    assert refused.status_code == 422
    assert "the reason for the refusal" in refused.text
    assert staff.send(f"{made.location}/close", state="done", outcome="Sent by mail").status_code == 303
    assert "Sent by mail" in staff.get(made.location).text
    assert staff.send(f"{made.location}/close", state="done", outcome="").status_code == 409


def test_the_export_is_a_zip_file_and_on_record(staff, inside, jane):
    sent = staff.send(f"/staff/customers/{jane}/personal-data/export")
    assert (sent.status_code, sent.mimetype) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(sent.data)) as archive:
        assert b"jane@example.com" in archive.read("personal-data.json")
    actions = inside(lambda: list(db.session.scalars(select(AuditEntry.action))))
    assert actions == ["customer.data_exported"]


@pytest.mark.parametrize(
    "path", ["/staff/customers/{jane}/personal-data/export", "/staff/privacy/{number}/erase", "/staff/privacy/affected"]
)
def test_an_open_browser_is_not_enough_for_it(staff, inside, jane, ask, path):
    path = path.format(jane=jane, number=ask("erasure"))
    with clock.moved_to(clock.now() + timedelta(minutes=11)):
        asked = staff.send(path, since="2026-01-01T00:00", until="2026-01-02T00:00", sure="1")
        assert asked.status_code == 403
        assert "confirmation_password" in asked.text
    assert inside(lambda: db.session.scalars(select(Customer.id)).all()) == [jane]


def test_erasure_asks_first_and_closes_the_request(staff, inside, ask):
    number = ask("erasure")
    asked = staff.send(f"{PAGE}/{number}/erase")
    assert "permanently?" in asked.text
    assert staff.send(f"{PAGE}/{number}/erase", sure="1").status_code == 303
    assert inside(lambda: db.session.scalars(select(Customer.id)).all()) == []
    assert inside(lambda: get_request(number).state) == "done"
    assert "erased person" in staff.get(f"{PAGE}?view=closed").text


def test_consents_are_recorded_and_shown_on_the_customers_page(staff, inside, jane):
    own = f"/staff/customers/{jane}/personal-data"
    sent = {"kind": "marketing_sms", "given": "yes", "source": "paper", "text_version": "poster 2026-01"}
    assert staff.send(f"{own}/consents", **sent).status_code == 303
    assert "poster 2026-01" in staff.get(own).text
    with clock.moved_to(clock.now() + timedelta(minutes=1)):
        withdrawn = ConsentStatement("marketing_sms", False, "phone", "call")
        inside(record_consent, jane, withdrawn, TESTER)
    page = staff.get(f"/staff/customers/{jane}").text
    assert page.count("Marketing by SMS") == 1
    assert "Withdrawn" in page
    assert staff.send(f"{own}/consents", **sent | {"text_version": ""}).status_code == 422


def test_periods_are_settings(staff, inside):
    page = staff.get(f"{PAGE}/retention").text
    assert "Due for deletion now: 0." in page
    assert staff.send(f"{PAGE}/retention", retention_guest_days="400", privacy_access_days="5").status_code == 303
    values = inside(lambda: get_settings().values)
    assert (values["retention_guest_days"], values["privacy_access_days"]) == ("400", "5")
    wrong = staff.send(f"{PAGE}/retention", retention_cart_days="91")
    assert wrong.status_code == 422
    assert "Must be from 1 to 90" in wrong.text


def test_who_was_affected_is_shown_and_exported(staff, inside, jane):
    period = {"since": "2020-01-01T00:00", "until": "2100-01-01T00:00"}
    assert "In this period" not in staff.get(f"{PAGE}/affected").text
    shown = staff.get(f"{PAGE}/affected", query_string=period)
    assert "Customers whose data existed" in shown.text
    swapped = {"since": period["until"], "until": period["since"]}
    for wrong in ({"since": "x"}, swapped):
        assert staff.get(f"{PAGE}/affected", query_string=wrong).status_code == 422
    file = staff.send(f"{PAGE}/affected", **period)
    assert (file.status_code, file.mimetype) == (200, "text/csv")
    assert "jane@example.com" in file.text
    assert staff.send(f"{PAGE}/affected").status_code == 422

"""Reading personal data on the staff pages: recorded once an hour, limited by person."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from shop.db.session import db
from shop.models import AuditEntry
from shop.services import audit_log, list_reads
from shop.services.rate_limits import Limit
from shop.staff import personal_reads
from shop.web.pages.view_options import options_of
from tests import factories

OWN_RECORD = {"product_export", "coupon_export", "report_export", "report_pdf", "ledger_days_export", "import_template"}
"""Files without personal data."""


@pytest.fixture
def recorded(inside):
    """Return the recorded reads by subject."""

    def subjects():
        read = select(AuditEntry.subject).where(AuditEntry.action.like("%.read"))
        return sorted(inside(lambda: db.session.scalars(read).all()))

    return subjects


def test_lists_and_customers_are_on_record_once_an_hour(staff, inside, recorded):
    customer = inside(factories.make_customer)
    for _ in range(3):
        staff.get("/staff/customers")
        staff.get(f"/staff/customers/{customer.id}")
        staff.get("/staff/orders")
    assert recorded() == [f"customer:{customer.id}", "list:customers", "list:orders"]
    page = staff.get("/staff/settings/audit").text
    assert "Customer read" in page
    assert "List read" in page


def test_a_page_that_is_refused_is_not_on_record(browse, inside, recorded):
    worker = browse()
    worker.sign_in(inside(factories.make_staff, role="clerk").email)
    assert worker.get("/staff/registrations").status_code == 403
    assert recorded() == []


def test_pages_and_exports_have_limits(staff, monkeypatch):
    monkeypatch.setattr(personal_reads, "STAFF_PERSONAL_PAGES", Limit(2, 600))
    monkeypatch.setattr(personal_reads, "STAFF_PERSONAL_EXPORTS", Limit(1, 600))
    assert [staff.get("/staff/customers").status_code for _ in range(3)] == [200, 200, 429]
    assert staff.get("/staff/products").status_code == 200
    assert [staff.get("/staff/customers.csv").status_code for _ in range(2)] == [200, 429]


def test_a_database_that_cannot_be_written_can_be_read(staff, inside, monkeypatch, caplog, recorded):
    customers = [inside(factories.make_customer).id for _ in range(2)]

    def fail(*_args, **_options):
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    monkeypatch.setattr(audit_log, "record", fail)
    monkeypatch.setattr(list_reads, "_failed_at", type(list_reads._failed_at)())
    for customer in customers:
        assert staff.get(f"/staff/customers/{customer}").status_code == 200
    lines = [line.getMessage() for line in caplog.records if line.name == "tuza.audit"]
    assert [f"customer:{customer}" in line for customer, line in zip(customers, lines, strict=True)] == [True, True]
    assert recorded() == []


def test_every_file_of_the_pages_is_limited_or_without_personal_data(app):
    files = {
        rule.endpoint.removeprefix("staff.")
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("staff.") and rule.rule.endswith((".csv", ".pdf", "/export"))
    }
    limited = {name for name in files if options_of(app.view_functions[f"staff.{name}"]).personal_export}
    assert files - limited == OWN_RECORD

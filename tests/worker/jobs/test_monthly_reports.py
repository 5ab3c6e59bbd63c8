"""The monthly report: once for each month, to the owners, in their language."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import all_tenants, current_shop_id
from shop.models import MonthlyReport, OutboxMessage
from shop.queries.reports.monthly import get_monthly_figures
from shop.services import clock
from shop.services.messaging.mails.mail_composer import compose
from shop.services.orders.lifecycle import set_payment_status
from shop.services.outbox import ClaimedMessage
from shop.services.shops.settings import change_setting
from shop.services.staff.members import change_language
from shop.worker.jobs import monthly_reports
from shop.worker.jobs.monthly_reports import mail_monthly_reports
from tests import factories
from tests.factories import TESTER

IN_OCTOBER = datetime(2026, 10, 31, 20, 59, tzinfo=UTC)
"""One minute before November in Nairobi."""


def mails():
    rows = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "staff_monthly_report")).all()
    fields = [(row.id, row.shop_id, row.kind, row.payload, row.recipient, 1, row.created_at) for row in rows]
    return [compose(ClaimedMessage(*values), "k" * 32) for values in fields]


def run():
    mail_monthly_reports({}, threading.Event())
    db.session.expire_all()


@pytest.fixture
def owner(ctx, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: IN_OCTOBER)
    owner = factories.make_staff()
    factories.make_staff(role="manager")
    milk = factories.make_product("Milk <1 l>", 6500)
    order = factories.place(factories.make_customer(), [(milk, 2)]).order
    set_payment_status(order.id, "paid", TESTER)
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 10, 31, 21, 1, tzinfo=UTC))
    return owner


def test_a_shop_that_fails_stops_no_other(owner, monkeypatch):
    change_setting("monthly_report", "true", TESTER)
    first = current_shop_id()
    second = factories.make_shop("Duka la Pili", monthly_report="true").id

    def figures(*months):
        if current_shop_id() == first:
            raise ZeroDivisionError
        return get_monthly_figures(*months)

    monkeypatch.setattr(monthly_reports, "get_monthly_figures", figures)
    with pytest.raises(ZeroDivisionError):
        run()
    reported = select(MonthlyReport.shop_id).where(MonthlyReport.shop_id.in_([first, second]))
    with all_tenants():
        assert db.session.scalars(reported).all() == [second]


def test_owners_get_the_figures_of_the_last_month_once(owner):
    run()
    assert mails() == [], "it is off"
    change_setting("monthly_report", "true", TESTER)
    run()
    run()
    (mail,) = mails()
    assert (mail.recipient, mail.subject) == (owner.email, "Duka la Majaribio in October 2026")
    for words in ("Sales: KES 130.00", "Orders: 1", "New customers: 1", "2 × Milk <1 l>: KES 130.00"):
        assert words in mail.text
    assert "Milk &lt;1 l&gt;" in mail.html


def test_a_report_that_waits_is_not_sent_once_it_is_off(owner):
    change_setting("monthly_report", "true", TESTER)
    run()
    change_setting("monthly_report", "false", TESTER)
    assert mails() == [None]


def test_it_is_in_the_owners_language(owner):
    change_language(owner.user_id, "sw")
    change_setting("monthly_report", "true", TESTER)
    run()
    assert "Oktoba 2026" in mails()[0].subject

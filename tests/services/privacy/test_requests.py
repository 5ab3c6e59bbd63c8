"""Requests about personal data: received, due, answered."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import AuditEntry
from shop.services import clock
from shop.services.errors import Conflict, InvalidInput, NotFound
from shop.services.privacy.requests import (
    PrivacyRequestDetails,
    add_own_request,
    add_request,
    close_request,
    count_open,
    get_request,
    list_due,
    list_own_requests,
    list_requests,
)
from shop.services.shops.settings import change_setting
from tests import factories
from tests.factories import TESTER


@pytest.mark.parametrize(
    ("kind", "days"), [("access", 7), ("correction", 7), ("erasure", 7), ("portability", 30), ("objection", 14)]
)
def test_each_kind_has_its_due_date(ctx, kind, days):
    customer = factories.make_customer()
    request = add_request(PrivacyRequestDetails(kind, customer.id), TESTER)
    assert request.due_at - request.received_at == timedelta(days=days)
    assert (request.state, request.person, request.by_customer) == ("open", customer.full_name, False)


def test_the_shop_sets_the_days(ctx):
    change_setting("privacy_access_days", 3, TESTER)
    request = add_request(PrivacyRequestDetails("access", contact="jane@example.com"), TESTER)
    assert request.due_at - request.received_at == timedelta(days=3)


def test_a_known_contact_identifies_the_customer(ctx):
    customer = factories.make_customer("jane@example.com", phone="0712345678")
    by_email = add_request(PrivacyRequestDetails("access", contact=" Jane@Example.com"), TESTER)
    by_phone = add_request(PrivacyRequestDetails("erasure", contact="0712 345 678"), TESTER)
    unknown = add_request(PrivacyRequestDetails("access", contact="0712 000 000"), TESTER)
    assert (by_email.customer_id, by_phone.customer_id) == (customer.id, customer.id)
    assert (unknown.customer_id, unknown.person) == (None, "+254712000000")


@pytest.mark.parametrize("details", [{"kind": "fame"}, {"contact": ""}, {"contact": "Jane"}, {"note": "x" * 5001}])
def test_invalid_orders_are_refused(ctx, details):
    with pytest.raises(InvalidInput):
        add_request(PrivacyRequestDetails(**{"kind": "access", "contact": "jane@example.com"} | details), TESTER)
    with pytest.raises(NotFound):
        add_request(PrivacyRequestDetails("access", 10**9), TESTER)
    tomorrow = clock.now() + timedelta(days=1)
    with pytest.raises(InvalidInput):
        add_request(PrivacyRequestDetails("access", contact="j@example.com", received_at=tomorrow), TESTER)


def test_open_requests_are_listed_by_due_date_and_point_themselves_out(ctx):
    late = add_request(PrivacyRequestDetails("portability", contact="a@example.com"), TESTER)
    soon = add_request(PrivacyRequestDetails("access", contact="b@example.com"), TESTER)
    assert [one.id for one in list_requests(is_open=True)] == [soon.id, late.id]
    assert list_due(10) == []
    with clock.moved_to(soon.due_at - timedelta(days=2) + timedelta(seconds=1)):
        assert [one.id for one in list_due(10)] == [soon.id]
    close_request(soon.id, "done", "Sent by mail.", TESTER)
    assert count_open() == 1
    assert [one.id for one in list_requests(is_open=False)] == [soon.id]
    assert len(list_requests(is_open=None)) == 2


def test_a_request_is_closed_once_and_refused_only_with_a_reason(ctx):
    request = add_request(PrivacyRequestDetails("objection", contact="a@example.com"), TESTER)
    with pytest.raises(InvalidInput):
        close_request(request.id, "refused", " ", TESTER)
    with pytest.raises(InvalidInput):
        close_request(request.id, "open", "why", TESTER)
    closed = close_request(request.id, "refused", "We need it for the tax office.", TESTER)
    assert (closed.state, closed.handled_by, closed.handled_at is not None) == ("refused", TESTER.label, True)
    with pytest.raises(Conflict):
        close_request(request.id, "done", "", TESTER)
    subject = AuditEntry.subject == f"privacy:{request.id}"
    actions = db.session.scalars(select(AuditEntry.action).where(subject).order_by(AuditEntry.id))
    assert list(actions) == ["privacy.received", "privacy.refused"]


def test_a_customer_asks_from_their_account_once_a_kind(ctx):
    customer = factories.make_customer()
    request = add_own_request(customer.id, "access", "Everything, please.")
    assert get_request(request.id).by_customer
    with pytest.raises(Conflict):
        add_own_request(customer.id, "access", "")
    other = add_own_request(customer.id, "erasure", "")
    assert [one.id for one in list_own_requests(customer.id)] == [other.id, request.id]

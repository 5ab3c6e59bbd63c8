"""Actions on many customers: each exactly once, refusals listed, only who agreed is written to."""

import threading

import pytest
from sqlalchemy import func, select

from shop.db.session import db
from shop.domain.customers.bulk import BulkKind
from shop.models import BulkAction, Customer, LoyaltyEntry, OutboxMessage
from shop.queries.customers.list import CustomerFilters, count_matching
from shop.queries.customers.selection import pack_filters, unpack_filters
from shop.queries.messages.audience import count_audience
from shop.services import clock
from shop.services.bulk.actions import get_bulk, start_bulk, stop_bulk
from shop.services.errors import InvalidInput, ShopError
from shop.services.messaging.mails.mail_composer import compose
from shop.services.outbox import ClaimedMessage
from shop.services.privacy.consents import ConsentStatement, record_consent
from shop.worker.jobs import bulk_actions
from shop.worker.jobs.bulk_actions import run_batch, run_bulk_actions
from tests import factories
from tests.factories import TESTER

WITH_POINTS = CustomerFilters(has_points=True)
ADJUST = {"points": 50, "note": "Thank you", "tell": False}


def start(kind, params, filters=WITH_POINTS, actor=TESTER):
    return start_bulk(kind, params, pack_filters(filters), count_matching(filters), actor)


def finish(action_id):
    while run_batch(action_id):
        pass
    db.session.expire_all()
    return get_bulk(action_id)


@pytest.fixture
def people(ctx):
    return [factories.make_customer(points=points) for points in (100, 30, 10)]


def test_a_tag_is_added_once_and_removed(people):
    tagged = start(BulkKind.ADD_TAG, {"tag": "VIP"})
    assert (get_bulk(tagged).total, finish(tagged).changed) == (3, 3)
    again = finish(start(BulkKind.ADD_TAG, {"tag": "vip"}))
    assert (again.changed, again.skipped, again.state, again.selection) == (0, 3, "done", {})
    assert finish(start(BulkKind.REMOVE_TAG, {"tag": "VIP"}, CustomerFilters(tag="VIP"))).changed == 3
    assert count_matching(CustomerFilters(tag="VIP")) == 0


def test_points_are_given_once_though_a_batch_is_interrupted(people, monkeypatch):
    monkeypatch.setattr(bulk_actions, "BATCH", 2)
    action = start(BulkKind.ADJUST, ADJUST)
    assert run_batch(action) == 2
    row = db.session.get_one(BulkAction, action)
    row.last_id = 0  # as if what was done had not been recorded
    db.session.commit()
    assert finish(action).done == 5
    entries = select(func.count(LoyaltyEntry.id)).where(LoyaltyEntry.points == 50)
    assert db.session.scalars(entries).one() == 3


def test_customers_with_too_few_points_are_listed_and_left_out(people):
    action = finish(start(BulkKind.ADJUST, ADJUST | {"points": -20}))
    assert (action.changed, action.refused) == (2, 1)
    assert action.reasons[0][0] == people[2].id
    assert "10 points" in action.reasons[0][1]


def test_a_clerks_daily_limit_holds(people):
    clerk = factories.make_staff(role="clerk").actor
    action = finish(start(BulkKind.ADJUST, ADJUST | {"points": 400}, actor=clerk))
    assert (action.changed, action.refused) == (1, 2)


def test_only_who_agreed_is_written_to(people):
    agreed, withdrew, _silent = people
    for customer, given in ((agreed, True), (withdrew, True), (withdrew, False)):
        record_consent(customer.id, ConsentStatement("marketing_email", given, "paper", "poster 1"), TESTER)
    assert count_audience(CustomerFilters(has_points=True)).reached == 1
    action = finish(start(BulkKind.MESSAGE, {"subject": "Open on Sunday", "body": "From 9.\nKaribu!"}))
    assert (action.changed, action.skipped) == (1, 2)
    row = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "customer_message")).one()
    message = ClaimedMessage(row.id, row.shop_id, row.kind, row.payload, row.recipient, 1, row.created_at)
    mail = compose(message, "x" * 32)
    assert (mail.recipient, mail.subject) == (agreed.email, "Open on Sunday")
    assert "Karibu!" in mail.text
    record_consent(agreed.id, ConsentStatement("marketing_email", False, "paper", "poster 1"), TESTER)
    assert compose(message, "x" * 32) is None


def test_the_worker_does_open_actions_and_stopped_ones_no_more(people):
    stopped, action = start(BulkKind.ADD_TAG, {"tag": "A"}), start(BulkKind.ADD_TAG, {"tag": "B"})
    stop_bulk(stopped, TESTER)
    run_bulk_actions({}, threading.Event())
    db.session.expire_all()
    tags = db.session.scalars(select(Customer.tags).order_by(Customer.id)).all()
    assert list(tags) == [["B"]] * 3
    assert (get_bulk(stopped).state, get_bulk(action).state) == ("stopped", "done")


def test_an_action_that_fails_does_not_stop_the_others(people, monkeypatch):
    broken, action = start(BulkKind.ADD_TAG, {"tag": "A"}), start(BulkKind.ADD_TAG, {"tag": "B"})
    apply_batch = bulk_actions.run_batch

    def run(action_id, work):
        if action_id == broken:
            raise RuntimeError("broken")
        return apply_batch(action_id, work)

    monkeypatch.setattr(bulk_actions, "run_batch", run)
    with pytest.raises(RuntimeError, match="broken"):
        run_bulk_actions({}, threading.Event())
    db.session.expire_all()
    assert (get_bulk(broken).state, get_bulk(action).state) == ("waiting", "done")


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        (BulkKind.ADD_TAG, {"tag": " "}),
        (BulkKind.ADD_TAG, {"tag": "a,b"}),
        (BulkKind.ADJUST, {"points": 0, "note": "x"}),
        (BulkKind.ADJUST, {"points": 5, "note": " "}),
        (BulkKind.MESSAGE, {"subject": "", "body": "x"}),
        (BulkKind.MESSAGE, {"subject": "x", "body": "x" * 5001}),
    ],
)
def test_an_action_that_makes_no_sense_is_refused(people, kind, params):
    with pytest.raises(InvalidInput):
        start(kind, params)


def test_an_empty_selection_is_refused(ctx):
    with pytest.raises(ShopError, match="No customers"):
        start(BulkKind.ADD_TAG, {"tag": "A"})


def test_filters_are_the_same_after_they_were_kept():
    filters = CustomerFilters("jane", True, False, 5, None, clock.now(), tag="A", ids=(1, 2))
    assert unpack_filters(pack_filters(filters)) == filters

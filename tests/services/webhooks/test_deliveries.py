"""Deliveries: one for each event and endpoint, tests, resending, replays and purges."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from shop.db.session import db
from shop.db.tenant import in_shop
from shop.db.transaction import transaction
from shop.domain.events import EventType
from shop.models import Event, WebhookAttempt, WebhookDelivery
from shop.services import clock
from shop.services.customers.erasure.deletion import delete_customer
from shop.services.errors import Conflict, InvalidInput, NotFound
from shop.services.events.feed import purge_events
from shop.services.events.numbering import number_events
from shop.services.sandbox.clock import advance_clock
from shop.services.sandbox.shops import create_sandbox
from shop.services.shops.shops import get_shop
from shop.services.webhooks import deliveries
from shop.services.webhooks.deliveries import (
    create_deliveries,
    get_delivery,
    purge_deliveries,
    replay,
    replay_last,
    resend,
    send_test,
)
from shop.services.webhooks.endpoints import create_endpoint, update_endpoint
from tests import factories
from tests.support.receiver import Answer

TESTER = factories.TESTER


def rows():
    return db.session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)).all()


def endpoint_for(receiver, *types, path="/hook"):
    return create_endpoint(receiver.url(path), types or ["*"], TESTER)[0]


def test_an_event_is_delivered_once_to_those_that_ask_for_it(ctx, receiver, work):
    factories.make_customer()  # before the endpoints
    every, points = endpoint_for(receiver, path="/every"), endpoint_for(receiver, "points.*", path="/points")
    factories.make_customer(points=100)
    assert work() == 3
    assert [(row.endpoint_id, row.type) for row in rows()] == [
        (points.id, "points.adjusted"),
        (every.id, "customer.created"),
        (every.id, "points.adjusted"),
    ]
    assert work() == 0
    assert receiver.ids("/points") == receiver.ids("/every")[1:]


def test_batches_follow_each_other(ctx, receiver, work, monkeypatch):
    monkeypatch.setattr(deliveries, "BATCH", 2)
    endpoint = endpoint_for(receiver)
    for _ in range(5):
        factories.make_customer()
    number_events()
    assert [create_deliveries(endpoint.id) for _ in range(4)] == [2, 2, 1, 0]
    assert work() == 5


def test_each_type_has_a_test_event(ctx, receiver, work):
    endpoint = endpoint_for(receiver, "customer.created")
    made = {type: send_test(endpoint.id, type, TESTER).id for type in EventType}
    assert work() == len(made)
    for type, delivery_id in made.items():
        sent = get_delivery(delivery_id)
        assert (sent.status, sent.type, sent.event) == ("delivered", type, None)
        assert sent.body["test"] is True
        assert sent.body[type.noun]["id"] > 0


def test_a_test_of_an_unknown_type_or_a_disabled_endpoint_is_refused(ctx, receiver):
    endpoint = endpoint_for(receiver)
    with pytest.raises(InvalidInput, match="must be one of"):
        send_test(endpoint.id, "order.eaten", TESTER)
    update_endpoint(endpoint.id, {"enabled": False}, TESTER)
    with pytest.raises(Conflict):
        send_test(endpoint.id, "order.paid", TESTER)
    with pytest.raises(NotFound):
        send_test(0, "order.paid", TESTER)


def test_a_delivery_is_sent_again_with_its_id(ctx, receiver, work):
    endpoint = endpoint_for(receiver)
    delivery = send_test(endpoint.id, "order.paid", TESTER)
    work()
    assert resend(delivery.id, TESTER).status == "waiting"
    assert work() == 1
    assert len(receiver.ids()) == 2
    assert len(set(receiver.ids())) == 1
    assert len(get_delivery(delivery.id).attempts) == 2
    with pytest.raises(NotFound):
        resend(0, TESTER)


def test_a_replay_sends_what_failed_and_what_was_never_sent(ctx, receiver, work):
    endpoint = endpoint_for(receiver, "customer.*")
    factories.make_customer()
    work()
    receiver.answers["/hook"] = Answer(500)
    factories.make_customer()
    work()
    update_endpoint(endpoint.id, {"enabled": False}, TESTER)  # the second one fails for good
    factories.make_customer()
    update_endpoint(endpoint.id, {"enabled": True}, TESTER)
    receiver.answers.clear()
    received = receiver.ids()
    now = clock.now()
    assert replay(endpoint.id, now - timedelta(hours=1), now, TESTER) == 2
    assert work() == 2
    assert receiver.ids()[2] == received[1]
    assert len(set(receiver.ids())) == 3
    assert {row.status for row in rows()} == {"delivered"}
    assert replay(endpoint.id, now - timedelta(hours=2), now - timedelta(hours=1), TESTER) == 0


def test_a_replay_does_not_wait_for_the_next_attempt_of_what_failed(ctx, receiver, work):
    endpoint, now = endpoint_for(receiver, "customer.*"), clock.now()
    receiver.answers["/hook"] = Answer(500)
    factories.make_customer()
    work()
    receiver.answers.clear()
    factories.make_customer()  # due anyway: no failure to send again
    number_events()
    create_deliveries(endpoint.id)
    assert replay(endpoint.id, now, now + timedelta(hours=1), TESTER) == 1
    assert work() == 2
    assert {row.status for row in rows()} == {"delivered"}


def test_a_replay_of_the_last_hours_follows_a_sandboxs_clock_and_real_time(ctx, receiver, work):
    with in_shop(create_sandbox(get_shop(ctx.slug)).id):
        endpoint = endpoint_for(receiver, "customer.*")
        factories.make_customer()
        number_events()
        create_deliveries(endpoint.id)
        update_endpoint(endpoint.id, {"enabled": False}, TESTER)  # it fails
        advance_clock(TESTER, by="P13M")
        factories.make_customer()  # never sent
        update_endpoint(endpoint.id, {"enabled": True}, TESTER)
        assert replay_last(endpoint.id, timedelta(hours=1), TESTER) == 2
        assert len(rows()) == 2


def test_a_replay_has_a_range_of_at_most_14_days(ctx, receiver):
    endpoint, now = endpoint_for(receiver), clock.now()
    for since, until in ((now - timedelta(days=15), now), (now, now - timedelta(hours=1))):
        with pytest.raises(InvalidInput, match="14 days"):
            replay(endpoint.id, since, until, TESTER)
    update_endpoint(endpoint.id, {"enabled": False}, TESTER)
    with pytest.raises(Conflict):
        replay(endpoint.id, now - timedelta(days=1), now, TESTER)


def test_deleting_a_customer_deletes_what_was_delivered_about_them(ctx, receiver, work):
    endpoint_for(receiver, "customer.*")
    customer = factories.make_customer()
    work()
    delete_customer(customer.id, TESTER)
    work()
    assert [row.type for row in rows()] == ["customer.deleted"]
    assert len(db.session.scalars(select(WebhookAttempt)).all()) == 1


def test_deliveries_are_kept_for_30_days(ctx, receiver, work):
    endpoint = endpoint_for(receiver)
    factories.make_customer()
    old = send_test(endpoint.id, "order.paid", TESTER)
    work()
    with clock.moved_to(clock.now() + timedelta(days=29)), transaction():
        assert purge_deliveries() == 0
    with transaction() as session:
        before = clock.now() - timedelta(days=31)
        session.execute(update(WebhookDelivery).where(WebhookDelivery.id == old.id).values(created_at=before))
        assert purge_deliveries() == 1
    assert [row.type for row in rows()] == ["customer.created"]
    with transaction() as session:  # an event that goes takes its deliveries along
        session.execute(update(Event).values(created_at=before))
        assert purge_events() == 1
    assert rows() == []

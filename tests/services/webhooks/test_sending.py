"""What is sent, in which order, and what becomes of it."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from standardwebhooks import Webhook

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import AuditEntry, Event, OutboxMessage, WebhookDelivery, WebhookEndpoint
from shop.services import clock
from shop.services.customers.records import update_customer
from shop.services.messaging.mails.mail_composer import compose
from shop.services.outbox import ClaimedMessage
from shop.services.webhooks.deliveries import get_delivery, send_test
from shop.services.webhooks.endpoints import create_endpoint, delete_endpoint, get_endpoint, rotate_secret
from shop.services.webhooks.requests import WebhookResponse
from shop.services.webhooks.sending import LEASE, claim, finish
from tests import factories
from tests.support.receiver import Answer

TESTER = factories.TESTER
OK, BROKEN = WebhookResponse(204, "HTTP/1.1 204 No Content\n", 12), WebhookResponse(None, "Timed out", 15_000)


def later(**delta):
    return clock.moved_to(clock.now() + timedelta(**delta))


@pytest.fixture
def endpoint(receiver, ctx):
    return create_endpoint(receiver.url(), ["*"], TESTER)[0]


def test_the_body_is_the_event_as_the_api_lists_it(api, inside, receiver):
    endpoint, _secret = inside(create_endpoint, receiver.url(), ["*"], TESTER)
    inside(factories.make_customer)
    listed = api.get("/events?type=customer.created").json["data"]["events"][-1]

    def deliver():
        from shop.services.webhooks.deliveries import create_deliveries

        create_deliveries(endpoint.id)
        return claim(1)[0].body

    assert json.loads(inside(deliver)) == listed


def test_the_library_verifies_deliveries_through_a_rotation(ctx, receiver, work):
    endpoint, old = create_endpoint(receiver.url(), ["*"], TESTER)
    send_test(endpoint.id, "order.paid", TESTER)
    work()
    _, new = rotate_secret(endpoint.id, TESTER)
    send_test(endpoint.id, "order.paid", TESTER)
    work()
    with later(hours=23):
        send_test(endpoint.id, "order.paid", TESTER)
        work()
    with later(hours=24):
        send_test(endpoint.id, "order.paid", TESTER)
        work()
    verified = [[_is_verified(secret, request) for secret in (old, new)] for request in receiver.requests]
    assert verified == [[True, False], [True, True], [True, True], [False, True]]
    assert len(receiver.requests[1].headers["webhook-signature"].split(" ")) == 2


def _is_verified(secret, request):
    try:
        Webhook(secret).verify(request.body, request.headers)
    except Exception:
        return False
    return True


def test_an_objects_events_arrive_in_order_with_their_sequence(ctx, receiver, endpoint, work):
    customer = factories.make_customer()
    for name in ("Amina", "Wanjiru", "Achieng"):
        update_customer(customer.id, TESTER, first_name=name)
    work()
    bodies = [json.loads(request.body) for request in receiver.requests]
    assert [body["sequence"] for body in bodies] == sorted(body["sequence"] for body in bodies)
    assert [body["data"]["customer"]["first_name"] for body in bodies][1:] == ["Amina", "Wanjiru", "Achieng"]


def test_an_endpoint_gets_one_request_at_a_time(ctx, endpoint):
    first, second = (send_test(endpoint.id, "order.paid", TESTER) for _ in range(2))
    (request,) = claim(10)
    assert request.delivery_id == first.id
    assert claim(10) == []
    finish(request, OK)
    assert [one.delivery_id for one in claim(10)] == [second.id]


def test_an_event_of_a_stopped_worker_is_sent_again_with_the_same_id(ctx, endpoint):
    send_test(endpoint.id, "order.paid", TESTER)
    (lost,) = claim(10)
    with later(seconds=LEASE.total_seconds() + 1):
        (again,) = claim(10)
        assert again.headers["webhook-id"] == lost.headers["webhook-id"]
        finish(lost, OK)  # it lived after all: the other's claim is kept, and its failure changes nothing
        assert claim(10) == []
        finish(again, BROKEN)
    delivery = get_delivery(lost.delivery_id)
    assert delivery.status == "delivered"
    assert [attempt.status_code for attempt in delivery.attempts] == [204, None]


def test_endpoints_take_turns(ctx, receiver):
    endpoints = [create_endpoint(receiver.url(), ["*"], TESTER)[0] for _ in range(3)]
    for endpoint in endpoints * 2:
        send_test(endpoint.id, "order.paid", TESTER)
    served = []
    for seconds in range(6):
        with later(seconds=seconds):
            (request,) = claim(1)
            served.append(request.endpoint_id)
            finish(request, OK)
    assert served == [endpoint.id for endpoint in endpoints] * 2


def test_a_failed_attempt_is_tried_again_on_schedule_until_the_tenth(ctx, receiver, endpoint, work):
    receiver.answers["/hook"] = Answer(500, {}, b"oops")
    delivery = send_test(endpoint.id, "order.paid", TESTER)
    work()
    assert get_delivery(delivery.id).status == "waiting"
    for _ in range(9):
        assert work() == 0
        with clock.moved_to(get_delivery(delivery.id).due_at):
            assert work() == 1
    failed = get_delivery(delivery.id)
    assert failed.status == "failed"
    assert [attempt.status_code for attempt in failed.attempts] == [500] * 10
    assert failed.attempts[0].response.endswith("\n\noops")
    assert "webhook-signature: v1," in failed.attempts[0].request
    assert len(set(receiver.ids())) == 1


def test_a_redirect_is_a_failure_and_429_waits_as_asked(ctx, receiver, endpoint, work):
    receiver.answers["/hook"] = Answer(301, {"Location": receiver.url("/elsewhere")})
    moved = send_test(endpoint.id, "order.paid", TESTER)
    work()
    assert get_delivery(moved.id).status == "waiting"
    assert receiver.ids("/elsewhere") == []
    receiver.answers["/hook"] = Answer(429, {"Retry-After": "9"})
    now = clock.now()
    with clock.moved_to(now):
        busy = send_test(endpoint.id, "order.paid", TESTER)
        work()
    assert get_delivery(busy.id).due_at == now + timedelta(seconds=9)


def test_410_disables_and_notifies_the_owners(ctx, receiver, endpoint, work):
    owner, _clerk = factories.make_staff(), factories.make_staff(role="clerk")
    receiver.answers["/hook"] = Answer(410)
    deliveries = [send_test(endpoint.id, "order.paid", TESTER) for _ in range(2)]
    assert work() == 1
    gone = get_endpoint(endpoint.id)
    assert (gone.enabled, gone.disabled_reason) == (False, "gone")
    assert [get_delivery(one.id).status for one in deliveries] == ["failed", "failed"]
    (message,) = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "staff_webhook_disabled"))
    assert message.recipient == owner.email
    mail = compose(_claimed(message), "k" * 32)
    assert receiver.url() in mail.text
    assert receiver.url() in mail.html
    assert "410 Gone" in mail.text
    assert db.session.scalars(select(Event.type).order_by(Event.id.desc())).first() == "endpoint.disabled"
    audit = select(AuditEntry.new_value).where(AuditEntry.action == "webhook.disabled")
    assert db.session.scalars(audit).all() == ["gone"]


def _claimed(message):
    return ClaimedMessage(
        message.id, message.shop_id, message.kind, message.payload, message.recipient, 1, message.created_at
    )


def test_a_mail_about_an_endpoint_that_is_on_again_or_deleted_is_dropped(ctx, receiver, endpoint):
    message = ClaimedMessage(
        1, ctx.id, "staff_webhook_disabled", {"endpoint_id": endpoint.id}, "o@example.com", 1, clock.now()
    )
    assert compose(message, "k" * 32) is None
    delete_endpoint(endpoint.id, TESTER)
    assert compose(message, "k" * 32) is None


def test_five_days_of_failures_disable(ctx, endpoint):
    for days, is_on in ((0, True), (4.9, True), (5, False)):
        with later(days=days):
            send_test(endpoint.id, "order.paid", TESTER)
            (request,) = claim(10)
            finish(request, BROKEN)
            assert get_endpoint(endpoint.id).enabled == is_on
    assert get_endpoint(endpoint.id).disabled_reason == "failing"


def test_a_success_in_between_begins_the_five_days_again(ctx, endpoint):
    for days, response in ((0, BROKEN), (4, OK), (6, BROKEN), (10, BROKEN)):
        with later(days=days):
            send_test(endpoint.id, "order.paid", TESTER)
            (request,) = claim(10)
            finish(request, response)
    assert get_endpoint(endpoint.id).enabled


def test_a_secret_that_no_key_decrypts_sends_nothing_unsigned(ctx, receiver, endpoint, work):
    delivery = send_test(endpoint.id, "order.paid", TESTER)
    with transaction() as session:
        session.execute(update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint.id).values(ciphertext="lost"))
    assert work() == 0
    assert receiver.requests == []
    kept = get_delivery(delivery.id)
    assert kept.status == "waiting"
    assert kept.attempts[0].response == "No key of the installation decrypts the secret."


def test_what_is_deleted_while_it_is_sent_is_forgotten(ctx, endpoint):
    send_test(endpoint.id, "order.paid", TESTER)
    (request,) = claim(10)
    delete_endpoint(endpoint.id, TESTER)
    finish(request, OK)
    assert db.session.scalars(select(WebhookDelivery)).all() == []

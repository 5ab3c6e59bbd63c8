"""The job that sends webhooks: several endpoints at once, none of which delays another."""

import threading

from shop.db.tenant import use_shop
from shop.services.events.numbering import number_events
from shop.services.webhooks.deliveries import get_delivery, send_test
from shop.services.webhooks.endpoints import create_endpoint
from shop.worker.jobs.webhooks import send_webhooks
from tests import factories
from tests.support.receiver import Answer, receiving

TESTER = factories.TESTER


def test_a_slow_endpoint_delays_no_other(private_app):
    """The slow one answers only after the other has received everything."""
    with receiving() as receiver, private_app.app_context():
        shop = factories.make_shop()
        _slow, quick = (create_endpoint(receiver.url(path), ["*"], TESTER)[0] for path in ("/slow", "/quick"))
        for _ in range(3):
            factories.make_customer()
        number_events()
        done = threading.Event()

        def note():
            if len(receiver.ids("/quick")) == 4:
                done.set()

        receiver.answers["/quick"] = Answer(before=note)
        receiver.answers["/slow"] = Answer(before=lambda: done.wait(14))
        last = send_test(quick.id, "order.paid", TESTER)
        assert send_webhooks(private_app.config, threading.Event()) == 7
        use_shop(shop.id)
        assert done.is_set()
        assert get_delivery(last.id).status == "delivered"
        assert len(receiver.ids("/slow")) == 3


def test_a_request_that_raises_is_a_failed_attempt(private_app, monkeypatch):
    def fail(*_args, **_options):
        raise RuntimeError("no such address")

    monkeypatch.setattr("shop.worker.jobs.webhooks.post", fail)
    with private_app.app_context():
        shop = factories.make_shop()
        endpoint, _ = create_endpoint("http://127.0.0.1:9/hook", ["*"], TESTER)
        delivery = send_test(endpoint.id, "order.paid", TESTER)
        assert send_webhooks(private_app.config, threading.Event()) == 1
        use_shop(shop.id)
        kept = get_delivery(delivery.id)
        assert (kept.status, kept.attempts[0].response) == ("waiting", "RuntimeError: no such address")


def test_nothing_new_is_sent_after_stop(private_app):
    stop = threading.Event()
    with receiving() as receiver, private_app.app_context():
        factories.make_shop()
        endpoint, _ = create_endpoint(receiver.url(), ["*"], TESTER)
        receiver.answers["/hook"] = Answer(before=stop.set)
        for _ in range(3):
            send_test(endpoint.id, "order.paid", TESTER)
        assert send_webhooks(private_app.config, stop) == 1
        assert len(receiver.requests) == 1

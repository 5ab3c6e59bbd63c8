"""The replay's receiver adds up points: each delivery once, and signed."""

import json

import pytest

from bench.replay.receiver import PointsReceiver
from shop.services.webhooks.signing import sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Caller:
    """Stands for the API: it adds an endpoint."""

    def call(self, *_asked, **_more):
        return {"endpoint": {"secret": SECRET}}


@pytest.fixture
def receiver():
    """A receiver with an endpoint."""
    made = PointsReceiver()
    made.subscribe(Caller())
    yield made
    made.stop()


def deliver(receiver, webhook_id, customer, points, secret=SECRET):
    body = json.dumps({"data": {"entry": {"customer_id": customer, "points": points}}}).encode()
    headers = {"webhook-id": webhook_id, "webhook-timestamp": "1", "webhook-signature": ""}
    headers["webhook-signature"] = sign([secret], webhook_id, "1", body)
    receiver.accept(headers, body)


def test_each_delivery_counts_once(receiver):
    for webhook_id, customer, points in (("a", 1, 5), ("b", 1, -2), ("a", 1, 5), ("c", 2, 7)):
        deliver(receiver, webhook_id, customer, points)
    assert (receiver.sums, receiver.wrong) == ({1: 3, 2: 7}, [])


def test_a_wrong_signature_is_noted(receiver):
    deliver(receiver, "a", 1, 5, secret="whsec_" + "A" * 32)
    assert receiver.wrong == ["a is signed wrongly"]

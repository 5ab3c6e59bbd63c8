"""``Idempotency-Key`` over HTTP, on every POST that creates something (``docs/contract/api.md``, section 8)."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import IdempotencyRecord, LoyaltyEntry, Order
from shop.services import clock
from shop.services.idempotency import KEPT, LEASE
from tests import factories
from tests.support.clients import ApiCaller
from tests.support.contract import contract_of
from tests.support.operations import OPERATIONS, Operation
from tests.support.threads import all_at_once

SUCCESSES = {200, 201, 207}


@pytest.fixture
def creating(app: Any) -> list[Operation]:
    """Return the operations that accept a key, by the document."""
    paths = contract_of(app).document["paths"]
    return [
        operation
        for operation in OPERATIONS
        if operation.body is not None  # tested separately, as a form
        and any(
            parameter["name"] == "Idempotency-Key"
            for parameter in paths[operation.described][operation.method.lower()]["parameters"]
        )
    ]


@pytest.fixture
def send(api: ApiCaller) -> Callable[..., Any]:
    """Send a body to a URL with a key."""

    def call(url: str, body: Any, key: str, caller: ApiCaller = api, method: str = "POST") -> Any:
        data = body if isinstance(body, bytes) else json.dumps(body)
        headers = {"Idempotency-Key": key}
        return caller.call(method, url, data=data, content_type="application/json", headers=headers)

    return call


def count(model: Any) -> int:
    return db.session.scalars(select(func.count()).select_from(model)).one()


def change_record(**values: Any) -> None:
    with transaction() as session:
        session.execute(update(IdempotencyRecord).values(**values))


def test_the_first_answer_is_given_again_word_for_word(creating, send, sample, subtests):
    assert {operation.path.rsplit("/", 1)[-1] for operation in creating} >= {
        "customers", "notes", "adjust", "orders", "batch", "create-order"
    }  # fmt: skip
    for operation in creating:
        with subtests.test(str(operation)):
            url, body, key = operation.url(sample), operation.body(sample), factories.unique("key")
            if url.endswith("/refunds") or operation.session_only:
                continue  # tested separately, with a paid order and a session
            first, again = (send(url, body, key, method=operation.method) for _ in range(2))
            assert first.status_code in SUCCESSES, first.text
            assert "Idempotent-Replayed" not in first.headers
            assert (again.status_code, again.data) == (first.status_code, first.data)
            assert again.headers["Idempotent-Replayed"] == "true"


def test_another_body_under_the_same_key_is_refused(creating, send, sample, subtests):
    for operation in creating:
        with subtests.test(str(operation)):
            url, body, key = operation.url(sample), operation.body(sample), factories.unique("key")
            send(url, body, key, method=operation.method)
            answer = send(url, body | {"colour": "red"}, key, method=operation.method)
            assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key_reused")


def test_the_same_key_at_another_address_is_refused(send, sample):
    key = factories.unique("key")
    assert send("/marketing/loyalty/adjust", {"customer_id": sample.customer, "points": 1, "note": "x"}, key).json
    answer = send(f"/customers/{sample.customer}/notes", {"content": "x"}, key)
    assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key_reused")


def test_other_callers_have_keys_of_their_own(client, inside, send, sample):
    other = inside(factories.make_api_key)
    key = factories.unique("key")
    body = {"customer_id": sample.customer, "points": 1, "note": "x"}
    for caller in (None, ApiCaller(client, other.consumer_key, other.consumer_secret)):
        answer = send("/marketing/loyalty/adjust", body, key, *([caller] if caller else []))
        assert answer.status_code == 200
        assert "Idempotent-Replayed" not in answer.headers


def test_without_a_key_every_request_counts(api, sample):
    body = {"customer_id": sample.customer, "points": 1, "note": "x"}
    assert [api.post("/marketing/loyalty/adjust", body).json["data"]["balance"]["points_balance"] for _ in "ab"] == [
        1481,
        1482,
    ]


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "schlüssel", "\x7f"])
def test_a_key_that_is_none_is_refused(api, sample, key):
    body = {"customer_id": sample.customer, "points": 1, "note": "x"}
    answer = api.post("/marketing/loyalty/adjust", body, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_idempotency_key")


def test_the_longest_key_is_taken(send, sample):
    body = {"customer_id": sample.customer, "points": 1, "note": "x"}
    assert send("/marketing/loyalty/adjust", body, "~" * 255).status_code == 200


def test_a_refusal_is_kept_too(api, inside, send, sample):
    key = factories.unique("key")
    body = {"customer_id": sample.customer, "points": -1481, "note": "x"}
    first = send("/marketing/loyalty/adjust", body, key)
    assert (first.status_code, first.json["code"]) == (400, "insufficient_points")
    inside(factories.adjust_points, sample.customer, 1, "now there would be enough", factories.TESTER)
    again = send("/marketing/loyalty/adjust", body, key)
    assert (again.status_code, again.data) == (400, first.data)
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_body_that_cannot_be_read_does_not_use_up_the_key(send, sample):
    key = factories.unique("key")
    assert send("/marketing/loyalty/adjust", b"{", key).status_code == 400
    body = {"customer_id": sample.customer, "points": 1, "note": "x"}
    assert send("/marketing/loyalty/adjust", body, key).status_code == 200


def test_a_server_error_is_not_kept(api, inside, monkeypatch, send, sample):
    key, body = factories.unique("key"), {"customer_id": sample.customer, "points": 1, "note": "x"}

    def broken(*_: Any) -> None:
        raise RuntimeError("the disk is on fire")

    with monkeypatch.context() as patched:
        patched.setattr("shop.api.loyalty.adjust_points", broken)
        assert send("/marketing/loyalty/adjust", body, key).status_code == 500
    answer = send("/marketing/loyalty/adjust", body, key)
    assert answer.status_code == 200
    assert "Idempotent-Replayed" not in answer.headers


def test_a_retry_during_the_first_request_gets_retry_after(inside, send, sample):
    key, body = factories.unique("key"), {"customer_id": sample.customer, "points": 1, "note": "x"}
    send("/marketing/loyalty/adjust", body, key)
    inside(change_record, state="running", status=None, body=None)
    answer = send("/marketing/loyalty/adjust", body, key)
    assert (answer.status_code, answer.json["code"]) == (409, "request_in_progress")
    assert int(answer.headers["Retry-After"]) >= 1


def test_a_first_attempt_that_died_is_taken_over_when_its_lease_ends(inside, send, sample):
    key, body = factories.unique("key"), {"customer_id": sample.customer, "points": 1, "note": "x"}
    send("/marketing/loyalty/adjust", body, key)
    ended = clock.now() - timedelta(seconds=1)
    inside(change_record, state="running", status=None, body=None, leased_until=ended)
    answer = send("/marketing/loyalty/adjust", body, key)
    assert answer.status_code == 200
    assert "Idempotent-Replayed" not in answer.headers
    assert send("/marketing/loyalty/adjust", body, key).data == answer.data


def test_a_day_later_the_key_is_free_again(send, sample):
    key, body = factories.unique("key"), {"customer_id": sample.customer, "points": 1, "note": "x"}
    first = send("/marketing/loyalty/adjust", body, key)
    with clock.moved_to(clock.now() + KEPT + LEASE):
        later = send("/marketing/loyalty/adjust", body, key)
    assert later.status_code == 200
    assert later.data != first.data


def test_a_batch_is_taken_once_with_what_it_refused(api, send, sample):
    good = {"customer_email": sample.email, "subtotal": "10.00"}
    body = {"orders": [good, good | {"total": "1.00"}, {"customer_email": "new@example.com", "subtotal": "-1"}, good]}
    key = factories.unique("key")
    first, again = (send("/orders/batch", body, key) for _ in range(2))
    assert first.status_code == again.status_code == 207
    assert first.data == again.data
    assert (first.json["data"]["created_count"], first.json["data"]["failed_count"]) == (2, 2)
    assert api.get("/orders").json["data"]["total"] == 3  # one was there
    assert api.get("/customers?search=new@").json["data"]["total"] == 0


def test_fifty_at_once_with_one_key_make_one_order(app, shop, inside, send, sample):
    create = next(operation for operation in OPERATIONS if operation.path.endswith("/create-order"))
    token = inside(factories.make_token, sample.customer)
    body = create.body(sample) | {"loyalty_redemption": {"token": token, "points": 500}}
    url, key = create.url(sample), factories.unique("key")
    before = inside(count, Order)
    answers = all_at_once(app, shop.id, [lambda: send(url, body, key)] * 50)
    reported = Counter(answer.status_code for answer in answers)
    assert set(reported) <= {201, 409}
    assert reported[201] >= 1
    assert len({answer.data for answer in answers if answer.status_code == 201}) == 1
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json["code"] == "request_in_progress"
            assert answer.headers["Retry-After"]
    assert inside(count, Order) == before + 1
    assert send(url, body, key).status_code == 201


def test_fifty_at_once_with_one_key_adjust_once(app, shop, inside, send, sample):
    body, key = {"customer_id": sample.customer, "points": 250, "note": "x"}, factories.unique("key")
    before = inside(count, LoyaltyEntry)
    answers = all_at_once(app, shop.id, [lambda: send("/marketing/loyalty/adjust", body, key)] * 50)
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert inside(count, LoyaltyEntry) == before + 1

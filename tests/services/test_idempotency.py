"""One key, one effect, one response."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import IdempotencyRecord
from shop.services import clock, idempotency
from shop.services.errors import Conflict, IdempotencyMismatch, InvalidInput, StillRunning, TooOften
from shop.services.idempotency import Request, StoredResponse, answer_once, purge_records
from shop.services.loyalty.adjustments import adjust_points
from shop.services.loyalty.ledger import find_balance
from tests import factories
from tests.factories import TESTER


def request(key="k1", caller="key:1", body=b'{"points": 10}', path="/api/v1/marketing/loyalty/adjust"):
    return Request(caller, key, "POST", path, body)


def refusal(error):
    return StoredResponse(409, error.code)


@pytest.fixture
def jane(ctx):
    return factories.make_customer()


@pytest.fixture
def ask(jane):
    """Request ten points with a key, and return the response."""

    def work():
        account, _ = adjust_points(jane.id, 10, "asked for", TESTER)
        return account.points_balance

    def ask(made=None, work=work):
        return answer_once(made or request(), work, lambda result: StoredResponse(200, f"balance {result}"), refusal)

    return ask


def test_the_first_answer_is_given_again_word_for_word(ask, jane):
    assert ask() == StoredResponse(200, "balance 10")
    assert [ask() for _ in range(3)] == [StoredResponse(200, "balance 10", replayed=True)] * 3
    assert find_balance(jane.id) == 10


def test_a_response_is_stored_encrypted_and_one_of_an_earlier_version_is_read(ask, jane):
    ask()
    stored = db.session.scalars(select(IdempotencyRecord)).one()
    assert "balance" not in stored.body
    with transaction():
        stored.body = '{"balance": 10}'
    assert ask() == StoredResponse(200, '{"balance": 10}', replayed=True)
    with transaction():
        stored.body = "gAAAA of another key"
    with pytest.raises(Conflict) as refused:
        ask()
    assert refused.value.code == "idempotency_response_lost"


def test_other_keys_callers_and_shops_are_other_requests(ask, jane):
    for made in (request(), request(key="k2"), request(caller="key:2")):
        assert not ask(made).replayed
    assert find_balance(jane.id) == 30
    factories.make_shop()
    other = factories.make_customer()
    assert not ask(work=lambda: adjust_points(other.id, 10, "asked for", TESTER)).replayed


@pytest.mark.parametrize("other", [{"body": b'{"points": 11}'}, {"path": "/api/v1/orders"}])
def test_the_same_key_with_another_request_is_refused(ask, jane, other):
    ask()
    with pytest.raises(IdempotencyMismatch):
        ask(request(**other))
    assert find_balance(jane.id) == 10


def test_a_refusal_is_kept_too_and_nothing_of_its_work(ask, jane):
    calls = []

    def refuse():
        calls.append(1)
        adjust_points(jane.id, 10, "too early", TESTER)
        raise Conflict("No.", code="too_bad")

    assert ask(work=refuse) == StoredResponse(409, "too_bad")
    assert ask(work=refuse) == StoredResponse(409, "too_bad", replayed=True)
    assert (len(calls), find_balance(jane.id)) == (1, 0)


@pytest.mark.parametrize("failure", [RuntimeError("broken"), TooOften("Slower.", retry_after=5)])
def test_a_failure_and_a_wait_are_not_kept(ask, jane, failure):
    def fail():
        adjust_points(jane.id, 10, "then it broke", TESTER)
        raise failure

    with pytest.raises(type(failure)):
        ask(work=fail)
    assert find_balance(jane.id) == 0
    assert ask() == StoredResponse(200, "balance 10")


def test_an_answer_is_kept_for_a_day(ask, jane):
    start = clock.now()
    with clock.moved_to(start):
        ask()
    with clock.moved_to(start + timedelta(hours=24)):
        assert ask().replayed
    with clock.moved_to(start + timedelta(hours=24, seconds=1)):
        assert ask() == StoredResponse(200, "balance 20")


def died_while_running(made):
    """Create the record of an attempt whose process crashed."""
    now = clock.now()
    with transaction() as session:
        session.add(
            IdempotencyRecord(
                caller=made.caller,
                key=made.key,
                fingerprint=made.fingerprint,
                state="running",
                owner="the dead",
                leased_until=now + timedelta(seconds=30),
                expires_at=now + timedelta(hours=24),
            )
        )


def test_a_second_attempt_waits_while_the_first_may_still_be_running(ask, jane):
    died_while_running(request())
    with pytest.raises(StillRunning):
        ask()
    assert find_balance(jane.id) == 0


def test_a_retry_takes_over_from_an_attempt_that_died(ask, jane):
    died_while_running(request())
    with clock.moved_to(clock.now() + timedelta(seconds=31)):
        assert ask() == StoredResponse(200, "balance 10")
    assert ask().replayed


def test_an_attempt_that_lost_its_lease_leaves_no_effect(ask, jane):
    start = clock.now()
    with clock.moved_to(start):
        assert idempotency._claim(request(), "slow") is None
    with clock.moved_to(start + timedelta(seconds=31)):
        assert idempotency._claim(request(), "fast") is None

    def finish_late():
        with transaction():
            adjust_points(jane.id, 10, "too slow", TESTER)
            idempotency._finish(request(), "slow", StoredResponse(200, "late"))

    with pytest.raises(StillRunning):
        finish_late()
    assert find_balance(jane.id) == 0
    with pytest.raises(StillRunning):
        ask()


@pytest.mark.parametrize("key", ["", "a b", "a\n", "é", "x" * 256, "\x7f", "a\0b"])
def test_a_key_is_one_to_255_visible_characters(ask, key):
    with pytest.raises(InvalidInput) as refused:
        ask(request(key=key))
    assert refused.value.code == "invalid_idempotency_key"


@pytest.mark.parametrize("key", ["x", "x" * 255, "!~{}[]\"'\\"])
def test_any_visible_key_is_taken(ask, key):
    assert ask(request(key=key)).status == 200
    assert ask(request(key=key)).replayed


def test_old_records_are_purged(ask):
    ask()
    start = clock.now()
    ask(request(key="k2"))
    with clock.moved_to(start + timedelta(hours=23)), transaction():
        assert purge_records() == 0
    with clock.moved_to(start + timedelta(hours=25)), transaction():
        assert purge_records() == 2
    assert db.session.scalars(select(IdempotencyRecord)).all() == []

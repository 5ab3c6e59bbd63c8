"""What a sandbox's clock moves, and what it does not."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from shop.db.tenant import in_shop
from shop.db.transaction import transaction
from shop.models import OutboxMessage, SandboxClock
from shop.queries.sandbox.since_move import count_since
from shop.queries.sandbox.upcoming import list_upcoming
from shop.services import clock
from shop.services.errors import Conflict, TooOften
from shop.services.sandbox import clock as sandbox_clock
from shop.services.sandbox.clock import LEASE, advance_clock, read_clock
from shop.services.sandbox.inbox import deliver_messages, list_messages
from shop.services.sandbox.shops import create_sandbox
from shop.services.shops.shops import get_shop
from shop.services.staff.second_factor import check_factor_code
from tests import factories
from tests.factories import TESTER


@pytest.fixture(autouse=True)
def sandbox(ctx):
    """A sandbox, chosen as the session's shop; its id."""
    made = create_sandbox(get_shop(ctx.slug)).id
    with in_shop(made):
        yield made


def place():
    """An order that has to be paid within half an hour."""
    factories.make_payment("mpesa", "M-Pesa", time_limit_minutes=30)
    return factories.place(
        factories.make_customer("jane@example.com"), [(factories.make_product(), 1)], payment_method="mpesa"
    )


def test_what_will_happen_is_listed_once_and_then_happens():
    order = place().order
    first = [one for one in list_upcoming() if one.kind == "order_ends"]
    assert [(one.subject, one.order_id) for one in first] == [(order.order_number, order.id)]
    before = clock.now()
    advance_clock(TESTER, by="PT31M")
    assert [one for one in list_upcoming() if one.kind == "order_ends"] == []
    state = read_clock()
    assert (state.moved_from - before).total_seconds() < 60
    since = count_since(state.moved_from)
    assert (since.events, since.messages) == ({"order.cancelled": 1}, 2)


def test_a_concurrent_move_is_refused():
    with transaction() as session:
        session.execute(update(SandboxClock).values(moving_until=clock.real_now() + LEASE))
    with pytest.raises(Conflict) as refused:
        advance_clock(TESTER, by="P1D")
    assert refused.value.code == "clock_moving"


def test_a_move_that_lost_its_lease_sets_nothing_back(sandbox, monkeypatch):
    """A step that takes longer than the lease: another request moves the clock farther meanwhile."""
    run_due = sandbox_clock.run_due

    def slow_run_due():
        monkeypatch.setattr(sandbox_clock, "run_due", run_due)
        with clock.moved_to(clock.real_now() + LEASE + timedelta(seconds=1)):
            advance_clock(TESTER, by="P30D")
        return {}

    monkeypatch.setattr(sandbox_clock, "run_due", slow_run_due)
    before = clock.now()
    with pytest.raises(Conflict) as refused:
        advance_clock(TESTER, by="P1D")
    assert refused.value.code == "clock_moving"
    with in_shop(sandbox):
        assert read_clock().now >= before + timedelta(days=30)
        assert advance_clock(TESTER, by="P1D").now >= before + timedelta(days=31)


def test_the_clock_gives_no_more_attempts_at_a_second_factor():
    member = factories.make_staff()
    for _ in range(5):
        assert not check_factor_code(member, "000000", ())
    advance_clock(TESTER, by="P1D")
    with pytest.raises(TooOften):
        check_factor_code(member, "000000", ())


def test_a_message_that_cannot_be_written_holds_up_no_other(sandbox):
    place()
    with transaction() as session:
        values = {"kind": "no_such_kind", "payload": {}, "recipient": "a@b.example", "channel": "email"}
        session.add(OutboxMessage(due_at=clock.now(), created_at=clock.now(), **values))
    assert deliver_messages() == 2
    messages, total = list_messages(limit=5, offset=0)
    assert (total, messages[0].kind) == (1, "order_placed")
    advance_clock(TESTER, by="P1D")
    assert list_messages(limit=5, offset=0)[1] == 2

"""Adjusting by the people of the shop: once for a form, within a clerk's limit, with a mail to the customer."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from shop.db.session import db
from shop.models import LoyaltyEntry, OutboxMessage
from shop.services import clock
from shop.services.errors import Conflict, NotAllowed, NotFound
from shop.services.loyalty.adjustments import adjust_points, find_allowance, preview_adjustment
from shop.services.loyalty.ledger import InsufficientPoints, find_balance
from shop.services.shops.settings import change_setting
from tests import factories
from tests.factories import TESTER
from tests.support.rows import snapshot
from tests.support.threads import all_at_once

EVENING = datetime(2026, 7, 4, 20, 30, tzinfo=UTC)
"""Half an hour before midnight in Nairobi."""


@pytest.fixture
def clerk(ctx):
    return factories.make_staff(role="clerk").actor


def test_the_same_form_sent_twice_is_one_adjustment(ctx):
    jane = factories.make_customer().id
    first = adjust_points(jane, 250, "Sour milk", TESTER, request_key="k1")
    again = adjust_points(jane, 250, "Sour milk", TESTER, request_key="k1", tell=True)
    assert again[1].id == first[1].id
    assert (again[0].points_balance, again[0].entries_count) == (250, 1)
    assert db.session.scalars(select(func.count(OutboxMessage.id))).one() == 0


def test_a_resubmitted_form_with_other_points_or_customer_is_refused(ctx):
    jane, joe = factories.make_customer().id, factories.make_customer().id
    adjust_points(jane, 250, "Sour milk", TESTER, request_key="k1")
    before = snapshot(ctx.id)
    for customer, points in ((jane, 251), (jane, -250), (joe, 250)):
        with pytest.raises(Conflict):
            adjust_points(customer, points, "Sour milk", TESTER, request_key="k1")
    assert snapshot(ctx.id) == before


def test_the_same_form_sent_eight_times_at_once_is_one_adjustment(app, ctx):
    jane = factories.make_customer().id
    entries = all_at_once(
        app, ctx.id, [lambda: adjust_points(jane, 250, "Sour milk", TESTER, request_key="k1")[1].id] * 8
    )
    assert len(set(entries)) == 1
    assert find_balance(jane) == 250


def test_a_clerk_adjusts_up_to_their_limit_adding_and_taking_alike(ctx, clerk):
    jane = factories.make_customer(points=1000).id
    adjust_points(jane, 300, "Sour milk", clerk)
    adjust_points(jane, -150, "Typed twice", clerk)
    allowance = find_allowance(clerk)
    assert (allowance.limit, allowance.used, allowance.left) == (500, 450, 50)
    with pytest.raises(NotAllowed, match="a clerk may adjust 500 points a day, and you have 50 left today"):
        adjust_points(jane, -51, "More", clerk)
    adjust_points(jane, -50, "The rest", clerk)
    assert find_balance(jane) == 1100


def test_an_own_role_is_held_to_the_limit_unless_it_may_go_above(ctx):
    jane = factories.make_customer().id
    held = factories.make_staff(permissions=["points.adjust"]).actor
    with pytest.raises(NotAllowed):
        adjust_points(jane, 501, "Much", held)
    free = factories.make_staff(permissions=["points.adjust", "points.unlimited"]).actor
    assert find_allowance(free) is None
    adjust_points(jane, 501, "Much", free)


def test_what_was_done_already_is_shown_even_past_the_limit(ctx, clerk):
    jane = factories.make_customer().id
    adjust_points(jane, 500, "Sour milk", clerk, request_key="k1")
    assert adjust_points(jane, 500, "Sour milk", clerk, request_key="k1")[1].seq == 1


def test_a_refused_adjustment_uses_nothing_up(ctx, clerk):
    jane = factories.make_customer(points=10).id
    with pytest.raises(InsufficientPoints):
        adjust_points(jane, -400, "Too many", clerk)
    assert find_allowance(clerk).left == 500


def test_a_clerks_day_ends_at_midnight_in_the_shops_zone(ctx, clerk):
    jane = factories.make_customer().id
    with clock.moved_to(EVENING):
        adjust_points(jane, 500, "Sour milk", clerk)
    with clock.moved_to(EVENING + timedelta(minutes=29)):
        assert find_allowance(clerk).left == 0
    with clock.moved_to(EVENING + timedelta(minutes=30)):
        assert find_allowance(clerk).left == 500
        change_setting("shop_timezone", "Europe/London", TESTER)
        assert find_allowance(clerk).left == 0


def test_the_limit_is_the_shops_and_each_clerks_own(ctx, clerk):
    change_setting("clerk_daily_points", 20, TESTER)
    jane, other = factories.make_customer().id, factories.make_staff(role="clerk").actor
    adjust_points(jane, 20, "Sour milk", clerk)
    assert (find_allowance(clerk).left, find_allowance(other).left) == (0, 20)
    change_setting("clerk_daily_points", 5, TESTER)
    assert find_allowance(clerk).left == 0


@pytest.mark.parametrize("role", ["owner", "manager"])
def test_no_limit_holds_for_others(ctx, role):
    actor = factories.make_staff(role=role).actor
    jane = factories.make_customer().id
    assert find_allowance(actor) is None
    assert find_allowance(TESTER) is None
    adjust_points(jane, 100_000, "Welcome", actor)
    assert find_balance(jane) == 100_000


def test_a_clerk_cannot_race_past_their_limit(app, ctx, clerk):
    people = [factories.make_customer().id for _ in range(8)]
    calls = [lambda customer=customer: adjust_points(customer, 100, "Sour milk", clerk) for customer in people]
    answers = all_at_once(app, ctx.id, calls)
    assert sum(isinstance(answer, NotAllowed) for answer in answers) == 3
    given = select(func.sum(LoyaltyEntry.points)).where(LoyaltyEntry.actor_id == clerk.id)
    assert db.session.scalars(given).one() == 500


def test_the_customer_is_notified_when_requested(ctx):
    jane = factories.make_customer()
    _, entry = adjust_points(jane.id, 250, "Sour milk", TESTER, tell=True)
    message = db.session.scalars(select(OutboxMessage)).one()
    assert (message.kind, message.recipient, message.payload) == (
        "points_adjusted",
        jane.email,
        {"entry_id": entry.id},
    )


def test_a_preview_says_what_would_be_and_changes_nothing(ctx):
    jane = factories.make_customer(points=1480)
    before = snapshot(ctx.id)
    seen = preview_adjustment(jane.id, 250)
    assert (seen.before, seen.points, seen.after, seen.worth_cents) == (1480, 250, 1730, 1730)
    assert preview_adjustment(jane.id, -1481).after == -1
    assert snapshot(ctx.id) == before
    with pytest.raises(NotFound):
        preview_adjustment(jane.id + 1000, 1)

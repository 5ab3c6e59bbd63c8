"""Points given and taken by hand."""

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import AuditEntry
from shop.queries.loyalty.reports import get_balance, get_standing, get_stats, list_balances, list_entries
from shop.services.actors import Actor
from shop.services.errors import InvalidInput, NotFound
from shop.services.loyalty.adjustments import MAX_ADJUSTMENT, adjust_points
from shop.services.loyalty.ledger import InsufficientPoints
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from shop.services.shops.settings import change_setting
from tests import factories
from tests.factories import TESTER
from tests.support.rows import snapshot

NJERI = Actor("staff", 7, "Njeri Kamau")


def test_points_are_given_and_taken_with_a_reason(ctx):
    jane = factories.make_customer()
    account, entry = adjust_points(jane.id, 500, " Welcome! ", NJERI)
    assert (account.points_balance, account.lifetime_earned) == (500, 0)
    assert (entry.kind, entry.points, entry.note) == ("manual", 500, "Welcome!")
    account, entry = adjust_points(jane.id, -500, "By mistake", NJERI)
    assert (account.points_balance, entry.balance_after, entry.seq) == (0, 0, 2)
    assert (entry.actor_kind, entry.actor_id, entry.actor_label) == ("staff", 7, "Njeri Kamau")


def test_an_adjustment_is_on_record(ctx):
    jane = factories.make_customer()
    adjust_points(jane.id, 5, "Welcome", NJERI)
    line = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "points.adjusted")).one()
    assert (line.subject, line.new_value, line.actor_label) == (f"customer:{jane.id}", "+5", "Njeri Kamau")


@pytest.mark.parametrize(
    ("points", "note", "field"),
    [
        (0, "why", "points"),
        (MAX_ADJUSTMENT + 1, "why", "points"),
        (-MAX_ADJUSTMENT - 1, "why", "points"),
        (5, "", "note"),
        (5, "  ", "note"),
    ],
)
def test_an_adjustment_without_points_or_reason_is_refused(ctx, points, note, field):
    jane = factories.make_customer(points=10)
    before = snapshot(ctx.id)
    with pytest.raises(InvalidInput) as refused:
        adjust_points(jane.id, points, note, TESTER)
    assert refused.value.errors[0].field == field
    assert snapshot(ctx.id) == before


def test_more_than_there_is_cannot_be_taken_and_the_sentence_says_how_much_there_is(ctx):
    jane = factories.make_customer(points=1480)
    before = snapshot(ctx.id)
    with pytest.raises(InsufficientPoints, match=r"has 1,480 points, so 1,481 cannot be removed"):
        adjust_points(jane.id, -1481, "too many", TESTER)
    assert snapshot(ctx.id) == before


def test_a_customer_of_another_shop_is_not_found(ctx):
    jane = factories.make_customer(points=10)
    factories.make_shop()
    for look in (
        lambda: adjust_points(jane.id, 5, "why", TESTER),
        lambda: get_standing(jane.id),
        lambda: get_balance(jane.id),
    ):
        with pytest.raises(NotFound):
            look()


def test_the_programme_in_figures(ctx):
    product = factories.make_product(price_cents=10000)
    jane, joe = factories.make_customer(points=1000), factories.make_customer()
    kept = factories.place(jane, [(product, 1)], points=300).order
    set_payment_status(kept.id, "paid", TESTER)
    undone = factories.place(jane, [(product, 1)], points=200).order
    set_payment_status(undone.id, "paid", TESTER)
    set_order_status(undone.id, "cancelled", TESTER)
    factories.make_order(joe, 5000, payment_status="paid")
    stats = get_stats()
    assert (stats.enabled, stats.total_enrolled, stats.pending_registrations) == (True, 2, 0)
    assert (stats.total_points_outstanding, stats.total_points_earned, stats.total_points_redeemed) == (850, 150, 300)
    change_setting("loyalty_points_enabled", False, TESTER)
    assert get_stats().enabled is False


def test_balances_are_listed_largest_first_and_searched(ctx):
    jane = factories.make_customer(points=10, first_name="Jane", last_name="Doe")
    joe = factories.make_customer(points=30, first_name="Joe")
    factories.make_customer(first_name="Jim")
    rows, total = list_balances(limit=10, offset=0)
    assert ([row.customer_id for row in rows], total) == ([joe.id, jane.id], 2)
    rows, total = list_balances(limit=10, offset=1)
    assert ([row.customer.first_name for row in rows], total) == (["Jane"], 2)
    rows, total = list_balances(limit=10, offset=0, search="doe jane")
    assert ([row.customer_id for row in rows], total) == ([jane.id], 1)


def test_a_balance_that_was_never_opened_is_not_found(ctx):
    jane = factories.make_customer()
    with pytest.raises(NotFound) as refused:
        get_balance(jane.id)
    assert refused.value.code == "no_loyalty_account"
    adjust_points(jane.id, 5, "why", TESTER)
    account, registration = get_balance(jane.id)
    assert (account.points_balance, registration) == (5, None)


def test_the_shops_ledger_is_listed_newest_first_and_filtered(ctx):
    jane, joe = factories.make_customer(points=10), factories.make_customer(points=20)
    factories.make_order(jane, 5000, payment_status="paid")

    def found(**query):
        entries, total = list_entries(**({"limit": 10, "offset": 0} | query))
        return [entry.points for entry in entries], total

    assert found() == ([50, 20, 10], 3)
    assert found(limit=1, offset=1) == ([20], 3)
    assert found(customer_id=joe.id) == ([20], 1)
    assert found(type="earn") == ([50], 1)
    newest = list_entries(limit=1, offset=0)[0][0]
    assert found(since=newest.created_at) == ([50], 1)
    assert found(until=newest.created_at) == ([20, 10], 2)

"""The shop's ledger: its entries found, summed and paged; its days, which add up or say where they do not."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest

from shop.db.tenant import use_shop
from shop.queries.ledger.customer import KINDS
from shop.queries.ledger.days import get_month
from shop.queries.ledger.export import EXPORTED_AT_ONCE, stream_ledger
from shop.queries.ledger.shop import (
    FEW,
    ROWS,
    ShopLedgerFilter,
    Total,
    browse_ledger,
    explain_by_id,
    list_people,
    total_ledger,
)
from shop.services import clock
from shop.services.actors import Actor
from shop.services.customers.erasure.deletion import delete_customer
from shop.services.errors import NotFound
from shop.services.loyalty.adjustments import adjust_points
from shop.services.merging.customers import merge_customers
from shop.services.orders.lifecycle import set_order_status
from shop.services.orders.refunds import refund_order
from tests import factories
from tests.factories import TESTER
from tests.support.rows import run_sql

F = ShopLedgerFilter
DAY = datetime(2026, 7, 12, 9, tzinfo=UTC)
TRIGGERS = {
    "sqlite": ["DROP TRIGGER loyalty_entries_never_change"],
    "postgresql": ["ALTER TABLE loyalty_entries DISABLE TRIGGER USER"],
}


@pytest.fixture
def jane(ctx):
    return factories.make_customer("jane@example.com", first_name="Jane", last_name="Kamau")


@pytest.fixture
def otieno(ctx):
    return factories.make_customer("otieno@example.com", first_name="Otieno")


def a_little_of_all(customer):
    """One entry of each kind: 1,000 earned, 200 redeemed and returned, 1,000 taken back, 50 adjusted."""
    adjust_points(customer.id, 50, "goodwill", TESTER)
    order = factories.make_order(customer, 100000, payment_status="paid")
    placed = factories.place(customer, [(factories.make_product(price_cents=10000), 1)], points=200).order
    set_order_status(placed.id, "cancelled", TESTER)
    refund_order(order.id, None, "broken", TESTER)


def merge_another_in(customer):
    """A customer with 30 points given and 100 earned becomes this one: both kinds of merged points, out and in."""
    other = factories.make_customer("another@example.com", points=30)
    factories.make_order(other, 10000, payment_status="paid")
    merge_customers(other.id, customer.id, TESTER)


def points(page):
    return [row.line.points for row in page.lines]


def test_an_empty_ledger_has_no_entries_and_sums_of_nothing(ctx):
    assert browse_ledger(F()).lines == []
    assert total_ledger(F()) == dict.fromkeys(("all", *KINDS), Total())


def test_entries_come_newest_first_with_whose_they_are(jane):
    a_little_of_all(jane)
    page = browse_ledger(F())
    assert points(page) == [-1000, 200, -200, 1000, 50]
    assert [row.line.kind for row in page.lines] == ["taken", "returned", "redeemed", "earned", "adjusted"]
    assert {(row.customer_id, row.name, row.email) for row in page.lines} == {(jane.id, "Jane Kamau", jane.email)}
    assert page.lines[-1].line.note == "goodwill"
    assert (page.older, page.newer) == (None, None)


@pytest.mark.parametrize("kind", KINDS)
def test_one_kind_alone_and_the_totals_of_all(jane, kind):
    a_little_of_all(jane)
    merge_another_in(jane)
    both = [kind] * (1 if kind in {"redeemed", "returned", "taken"} else 2)
    assert [row.line.kind for row in browse_ledger(F(kind=kind)).lines] == both
    assert [row.line.kind for row in browse_ledger(F(kind=kind, search="jane")).lines] == [kind]
    totals = total_ledger(F(kind=kind))
    assert totals["all"] == Total(11, 180)
    assert totals["redeemed"] == Total(1, -200)
    assert totals["taken"] == Total(1, -1000)
    assert totals["merged"] == totals["merged_earned"] == Total(2, 0)


def test_days_are_those_of_the_shops_zone(jane):
    for hour in (20, 21):  # 23:00 and midnight in Nairobi
        with clock.moved_to(DAY.replace(hour=hour)):
            adjust_points(jane.id, hour, "for a test", TESTER)
    assert points(browse_ledger(F(until=date(2026, 7, 12)))) == [20]
    assert points(browse_ledger(F(since=date(2026, 7, 13)))) == [21]
    assert total_ledger(F(since=date(2026, 7, 13), until=date(2026, 7, 13)))["all"] == Total(1, 21)


def test_customers_are_found_by_parts_of_their_names(jane, otieno):
    adjust_points(jane.id, 1, "for a test", TESTER)
    adjust_points(otieno.id, 2, "for a test", TESTER)
    assert points(browse_ledger(F(search="kama"))) == [1]
    assert points(browse_ledger(F(search="otieno@"))) == [2]
    assert points(browse_ledger(F(search="nobody"))) == []
    assert total_ledger(F(search="nobody"))["all"] == Total()
    assert total_ledger(F(search="jane"))["all"] == Total(1, 1)


def test_of_very_many_customers_the_first_are_looked_at(ctx):
    for _ in range(FEW + 1):
        factories.make_customer(f"{factories.unique('same')}@example.com", points=1)
    page = browse_ledger(F(search="same"))
    assert page.too_many
    assert total_ledger(F(search="same"))["all"].entries == FEW
    assert not browse_ledger(F(search="nobody")).too_many


def test_the_actor_can_be_filtered(jane):
    someone = Actor("staff", 7, "Njeri")
    adjust_points(jane.id, 1, "for a test", someone)
    adjust_points(jane.id, 2, "for a test", Actor("staff", 8, "Otieno"))
    adjust_points(jane.id, 3, "for a test", Actor("api_key", 7, "Till"))
    a_little_of_all(jane)
    assert points(browse_ledger(F(actor="staff:7"))) == [1]
    assert points(browse_ledger(F(actor="api_key:7", kind="adjusted"))) == [3]
    assert points(browse_ledger(F(actor="staff:7", search="jane"))) == [1]
    assert points(browse_ledger(F(actor="customer"))) == [-200]
    assert points(browse_ledger(F(actor="staff:9"))) == []
    assert total_ledger(F(actor="system"))["adjusted"] == Total(1, 50)


def walk(wanted):
    """All ids, page by page to the end, and back to the start."""
    page = browse_ledger(wanted)
    pages = [page]
    while page.older:
        page = browse_ledger(F(**{**vars_of(wanted), "before": page.older}))
        pages.append(page)
    back = [page]
    while page.newer:
        page = browse_ledger(F(**{**vars_of(wanted), "after": page.newer}))
        back.append(page)
    ids = [[row.id for row in one.lines] for one in pages]
    assert [[row.id for row in one.lines] for one in reversed(back)] == ids
    return [entry for one in ids for entry in one]


def vars_of(wanted):
    return {name: getattr(wanted, name) for name in ("kind", "since", "until", "search", "actor")}


@pytest.mark.parametrize("wanted", [F(), F(kind="adjusted"), F(actor="system"), F(search="jane")], ids=str)
def test_every_entry_is_on_one_page(jane, wanted):
    with clock.moved_to(DAY):  # all at one moment: the ids alone part them
        for number in range(2 * ROWS + 3):
            adjust_points(jane.id, number + 1, "for a test", TESTER)
    ids = walk(wanted)
    assert len(ids) == len(set(ids)) == 2 * ROWS + 3
    assert ids == sorted(ids, reverse=True)


def test_a_place_that_is_no_entry_shows_nothing(jane):
    adjust_points(jane.id, 1, "for a test", TESTER)
    assert browse_ledger(F(before=2**60)).lines == []


def test_a_deleted_customers_entries_stay_without_a_name(jane):
    adjust_points(jane.id, 5, "Jane was kind", TESTER)
    delete_customer(jane.id, TESTER)
    (row,) = browse_ledger(F()).lines
    assert (row.customer_id, row.email, row.name, row.line.note) == (None, None, "", None)


def exported(**wanted):
    return [row.points for piece in stream_ledger(F(**wanted)) for row in piece]


def test_all_entries_are_streamed_in_order(jane, monkeypatch):
    monkeypatch.setattr("shop.queries.ledger.export.EXPORTED_AT_ONCE", 4)
    assert EXPORTED_AT_ONCE > 4
    for number in range(12):  # three pieces to the entry
        adjust_points(jane.id, number + 1, "for a test", TESTER)
    assert exported() == exported(actor="system", before=1, search="jane") == list(range(12, 0, -1))
    assert exported(search="nobody") == exported(kind="earned") == []


def test_a_truncated_file_leaves_no_reader(jane, monkeypatch):
    monkeypatch.setattr("shop.queries.ledger.export.EXPORTED_AT_ONCE", 2)
    for number in range(7):
        adjust_points(jane.id, number + 1, "for a test", TESTER)
    before = threading.active_count()
    pieces = stream_ledger(F())
    assert [row.points for row in next(pieces)] == [7, 6]
    pieces.close()
    assert threading.active_count() == before
    assert exported() == list(range(7, 0, -1))


def test_the_activity_of_a_person_is_streamed_in_order(jane, monkeypatch):
    monkeypatch.setattr("shop.queries.ledger.export.EXPORTED_AT_ONCE", 2)
    with clock.moved_to(DAY):  # all at one moment: the ids alone part them
        a_little_of_all(jane)
        a_little_of_all(jane)
    factories.make_shop()
    factories.make_customer(points=7)
    use_shop(jane.shop_id)
    wanted = F(actor="system")
    assert exported(actor="system") == [row.line.points for row in browse_ledger(wanted).lines]
    assert len(exported(actor="system")) == 8


def test_an_entry_says_why_it_is_what_it_is(jane):
    a_little_of_all(jane)
    entry = browse_ledger(F(kind="earned")).lines[0]
    assert explain_by_id(entry.id).base_cents == 100000
    with pytest.raises(NotFound):
        explain_by_id(2**60)


def test_another_shops_entries_are_not_seen(ctx, jane):
    adjust_points(jane.id, 5, "for a test", TESTER)
    foreign = browse_ledger(F()).lines[0].id
    factories.make_shop()
    assert browse_ledger(F()).lines == []
    assert total_ledger(F())["all"] == Total()
    assert browse_ledger(F(before=foreign + 1)).lines == []
    assert get_month().closing == 0
    with pytest.raises(NotFound):
        explain_by_id(foreign)


def test_staff_and_api_keys_can_be_filtered(ctx):
    clerk = factories.make_staff(role="clerk")
    key = factories.make_api_key("Till 1")
    assert [(one.key, one.name) for one in list_people()] == [
        (f"staff:{clerk.user_id}", clerk.name),
        (f"api_key:{key.id}", "Till 1"),
    ]


def test_each_day_closes_with_what_it_began_with_and_what_moved(jane):
    with clock.moved_to(DAY - timedelta(days=40)):
        adjust_points(jane.id, 500, "brought over", TESTER)
    with clock.moved_to(DAY):
        a_little_of_all(jane)
    with clock.moved_to(DAY + timedelta(days=2)):
        adjust_points(jane.id, -30, "for a test", TESTER)
        month = get_month()
    assert (month.part.first, month.days[0].day, month.days[-1].day) == (
        date(2026, 7, 1),
        date(2026, 7, 1),
        date(2026, 7, 14),
    )
    assert (month.opening, month.closing, month.held.gap) == (500, 520, 0)
    busy = {day.day.day: day for day in month.days}[12]
    moved = busy.moved
    assert (moved.earned, moved.redeemed, moved.returned, moved.taken, moved.adjusted) == (1000, -200, 200, -1000, 50)
    assert (busy.opening, busy.closing) == (500, 550)
    assert month.total.change == 20
    assert (month.earlier, month.later) == (date(2026, 6, 1), None)


def test_months_reach_from_the_first_entry_to_today(jane):
    with clock.moved_to(DAY - timedelta(days=40)):
        adjust_points(jane.id, 500, "brought over", TESTER)
    with clock.moved_to(DAY):
        first = get_month(date(1999, 1, 1))
        last = get_month(date(2077, 1, 1))
    assert (first.part.first, first.earlier, first.later) == (date(2026, 6, 1), None, date(2026, 7, 1))
    assert (first.opening, first.closing, len(first.days)) == (0, 500, 30)
    assert (last.part.first, len(last.days)) == (date(2026, 7, 1), 12)


def test_what_a_deleted_customer_held_stays_in_the_sum_and_is_named(jane, otieno):
    adjust_points(jane.id, 500, "for a test", TESTER)
    adjust_points(otieno.id, 20, "for a test", TESTER)
    delete_customer(jane.id, TESTER)
    month = get_month()
    assert (month.closing, month.held.orphaned, month.held.gap) == (520, 500, 0)


@pytest.fixture
def tampered(private_app, engine_name):
    """A shop with two customers on a database without triggers."""
    with private_app.app_context():
        shop = factories.make_shop()
        for number in range(2):
            customer = factories.make_customer()
            with clock.moved_to(DAY + timedelta(days=number)):
                adjust_points(customer.id, 100, "for a test", TESTER)
                adjust_points(customer.id, 10, "for a test", TESTER)
        for statement in TRIGGERS[engine_name]:
            run_sql(statement)
        use_shop(shop.id)
        with clock.moved_to(DAY + timedelta(days=3)):
            yield


def test_a_changed_entry_is_found_with_its_day(tampered):
    assert get_month().held.gap == 0
    entry = browse_ledger(F()).lines[1]
    run_sql("UPDATE loyalty_entries SET points = points + 5 WHERE id = :id", id=entry.id)
    month = get_month()
    assert month.held.gap == -5
    (broken,) = month.entries
    assert (broken.entry_id, broken.day, broken.off, broken.seq) == (entry.id, date(2026, 7, 13), 5, 1)
    assert [day.day.day for day in month.days if month.is_off(day.day)] == [13]
    assert month.accounts == []


def test_an_account_that_holds_more_than_its_entries_is_found(tampered):
    run_sql(
        "UPDATE loyalty_accounts SET points_balance = points_balance + 7 "
        "WHERE id = (SELECT MAX(id) FROM loyalty_accounts)"
    )
    month = get_month()
    assert month.held.gap == 7
    assert [account.off for account in month.accounts] == [7]
    assert month.entries == []

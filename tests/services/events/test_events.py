"""Domain events: in the transaction of the change, numbered without gaps, and enough to add up points."""

from collections import Counter

import pytest
from sqlalchemy import func, select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.events import EventType, check_pattern, matches
from shop.models import Event, LoyaltyAccount
from shop.services import clock
from shop.services.catalogue.adjustments import adjust_stock, count_stock
from shop.services.catalogue.products.records import create_product, update_product
from shop.services.catalogue.products.variants import VariantInput
from shop.services.customers.addresses import AddressAsGiven, remove_address, save_address
from shop.services.customers.erasure.deletion import delete_customer
from shop.services.customers.records import get_customer, update_customer
from shop.services.events.feed import KEPT, list_events, purge_events
from shop.services.events.numbering import number_events
from shop.services.loyalty.adjustments import adjust_points
from shop.services.loyalty.ledger import InsufficientPoints
from shop.services.merging.customers import merge_customers
from shop.services.merging.undo import undo_merge
from shop.services.orders.fulfilment.undo import undo_paid
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from shop.services.orders.recording import ExternalLine, ExternalOrder, record_order_in_savepoint
from shop.services.orders.refunds import refund_order
from tests import factories

TESTER = factories.TESTER


def events(*patterns, after=0):
    return list_events(patterns or ["*"], since=None, after=after, limit=1000).events


def types(after=0):
    return [event.type for event in events(after=after)]


def last():
    return max((event.sequence for event in events()), default=0)


def test_placing_an_order_emits_an_event_with_lines_and_points(ctx):
    customer = factories.make_customer(points=100)
    after = last()
    placed = factories.place(customer, [(factories.make_product(price_cents=12000), 2)], points=100)
    assert types(after) == ["order.placed", "points.redeemed"]
    order, entry = events(after=after)
    assert order.data["order_number"] == placed.order.order_number
    assert order.data["items"][0]["quantity"] == 2
    assert order.data["customer"]["id"] == order.customer_id == customer.id
    assert (entry.data["points"], entry.data["balance_after"]) == (-100, 0)


def test_the_customer_event_precedes_their_order_event(ctx):
    after = last()
    customer = factories.make_customer()
    assert types(after) == ["customer.created"]
    update_customer(customer.id, TESTER, first_name="Amina")
    updated = events(after=after)[-1]
    assert updated.type == "customer.updated"
    assert updated.data["first_name"] == "Amina"
    assert updated.previous["first_name"] != "Amina"
    assert updated.actor_label == "Tester"


def test_paid_completed_refunded_and_cancelled(ctx):
    order = factories.place(factories.make_customer(), [(factories.make_product(price_cents=10000), 1)]).order
    after = last()
    set_payment_status(order.id, "paid", TESTER)
    set_order_status(order.id, "completed", TESTER)
    refund_order(order.id, 5000, "Broken", TESTER)
    set_payment_status(order.id, "refunded", TESTER)
    assert Counter(types(after)) == {
        "points.earned": 1,
        "order.paid": 1,
        "order.completed": 1,
        "points.reversed": 2,
        "order.refunded": 2,
    }
    paid = next(event for event in events(after=after) if event.type == "order.paid")
    assert paid.previous == {"payment_status": "pending"}
    assert paid.data["payment_status"] == "paid"


def give_and_take(customer_id):
    with transaction():
        adjust_points(customer_id, 5, "Thanks", TESTER)
        adjust_points(customer_id, -50, "Thanks", TESTER)


def test_a_rolled_back_change_emits_no_event(ctx):
    customer, after = factories.make_customer(), last()
    with pytest.raises(InsufficientPoints):
        give_and_take(customer.id)
    with transaction():
        adjust_points(customer.id, 7, "Thanks", TESTER)
        bad = ExternalOrder([ExternalLine(1, name="Milk", price_cents=100)], email="a@example.com", total_cents=1)
        with pytest.raises(Exception, match=r"."):
            record_order_in_savepoint(bad, TESTER)
        adjust_points(customer.id, 8, "Thanks", TESTER)
    assert [event.data["points"] for event in events(after=after)] == [7, 8]


def test_adding_up_points_gives_the_ledgers_balances(ctx):
    product = factories.make_product(price_cents=10000)
    people = [factories.make_customer(points=50).id for _ in range(4)]
    for person in map(get_customer, people):
        orders = [factories.place(person, [(product, 1)], points=10).order for _ in range(3)]
        for order in orders:
            set_payment_status(order.id, "paid", TESTER)
        refund_order(orders[0].id, 3000, "Broken", TESTER)
        set_order_status(orders[1].id, "cancelled", TESTER)
        undo_paid(orders[2].id, TESTER)
        set_payment_status(orders[2].id, "failed", TESTER)
        set_payment_status(orders[2].id, "paid", TESTER)
    merge_customers(people[0], people[1], TESTER)
    undone = merge_customers(people[2], people[3], TESTER)
    undo_merge(undone.id, TESTER)
    sums: Counter[int] = Counter()
    for event in events("points.*"):
        sums[event.data["customer_id"]] += event.data["points"]
    balances = dict(db.session.execute(select(LoyaltyAccount.customer_id, LoyaltyAccount.points_balance)).all())
    balances.pop(None)
    assert sums.pop(people[0]) == 0
    assert {who: points for who, points in sums.items() if points} == {w: p for w, p in balances.items() if p}


def test_deleting_a_customer_leaves_points_without_a_name(ctx):
    customer = factories.make_customer(points=30)
    customer_id = customer.id
    order = factories.place(customer, [(factories.make_product(), 1)]).order
    set_payment_status(order.id, "paid", TESTER)
    delete_customer(customer_id, TESTER)
    found = events()
    assert found[-1].type == "customer.deleted"
    assert found[-1].data == {"id": customer_id}
    assert {event.type for event in found[:-1]} <= {"points.adjusted", "points.earned", "product.updated"}
    assert all(event.customer_id is None for event in found)


def test_numbers_have_no_gaps_and_go_on_after_a_purge(ctx):
    customer = factories.make_customer()
    for points in range(1, 6):
        adjust_points(customer.id, points, "Thanks", TESTER)
    assert [event.sequence for event in events()] == list(range(1, len(events()) + 1))
    highest = last()
    with clock.moved_to(clock.now() + KEPT * 2), transaction():
        purge_events()
    assert {event.type for event in events()} == {"points.adjusted"}
    factories.make_customer()
    assert last() == highest + 1


def test_numbering_again_changes_nothing(ctx):
    factories.make_customer()
    assert number_events() > 0
    assert number_events() == 0
    assert db.session.scalars(select(func.count(Event.id)).where(Event.sequence.is_(None))).one() == 0


@pytest.mark.parametrize(("patterns", "count"), [(["points.*"], 5), (["*"], len(EventType)), (["order.paid"], 1)])
def test_patterns(patterns, count):
    assert len(matches(patterns, EventType)) == count


@pytest.mark.parametrize("pattern", ["", "order", "*.paid", "stars.*", "order.eaten"])
def test_a_pattern_that_nothing_matches_is_refused(pattern):
    with pytest.raises(ValueError, match="must be an event type"):
        check_pattern(pattern)


def test_a_changed_product_tells_what_it_was_before_and_an_unchanged_one_nothing(ctx):
    product = create_product({"name": "Tea", "price_cents": 12_000, "tags": ["hot"], "stock_quantity": 5}, TESTER)
    after = last()
    update_product(product.id, {"name": "Tea", "price_cents": 12_000, "tags": ["hot"]}, TESTER)
    assert types(after) == []
    update_product(product.id, {"price_cents": 11_050, "tags": ["hot", "dry"]}, TESTER)
    adjust_stock(product.id, -2, "Broken", TESTER)
    count_stock(product.id, 3, "Counted", TESTER)
    update_product(product.id, {"variants": [VariantInput(None, {"name": "1 kg", "price_cents": 9_000})]}, TESTER)
    priced, moved, *_, parted = found = events("product.updated", after=after)
    assert len(found) == 3
    assert priced.previous == {"price": "120.00", "tags": ["hot"]}
    assert priced.data["price"] == "110.50"
    assert moved.previous == {"stock_quantity": 5}
    assert parted.previous["variants"] == []


def test_a_merge_tells_what_the_customer_was_before(ctx):
    jane = factories.make_customer(points=10, first_name="Jane")
    source = factories.make_customer(points=5, phone="0712345678")
    update_customer(source.id, TESTER, area="Westlands", tags=["vip"])
    after = last()
    merge_customers(source.id, jane.id, TESTER)
    (updated,) = events("customer.updated", after=after)
    was = updated.previous
    assert (was["phone"], was["area"], was["tags"]) == (None, "", [])
    assert (updated.data["area"], updated.data["tags"]) == ("Westlands", ["vip"])
    assert "email" not in was


def test_an_address_that_is_saved_as_it_was_has_no_event(ctx):
    jane = factories.make_customer()
    given = AddressAsGiven(type="shipping", address1="Moi Avenue 1", city="Nairobi", country="KE")
    address = save_address(jane.id, given, TESTER)
    after = last()
    save_address(jane.id, given, TESTER, address_id=address.id)
    assert types(after) == []
    remove_address(jane.id, address.id, TESTER)
    (removed,) = events("customer.updated", after=after)
    assert [one["city"] for one in removed.previous["addresses"]] == ["Nairobi"]
    assert removed.data["addresses"] == []

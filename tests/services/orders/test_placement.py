"""Placing an order: completely, or not at all."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import use_shop
from shop.db.transaction import transaction
from shop.models import OutboxMessage, RedemptionToken
from shop.queries.loyalty.reports import get_standing
from shop.services import clock
from shop.services.actors import Shopper
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.errors import Conflict, InvalidInput
from shop.services.loyalty.redemption import RedemptionRequest, preview_redemption
from shop.services.orders.placement import Checkout, place_order
from shop.services.orders.pricing.lines import PostalAddress
from shop.services.payments.access import may_pay
from shop.services.shoppers.carts import place_order_from
from shop.services.shoppers.sessions import begin_session
from shop.services.shops.settings import change_setting
from tests import factories
from tests.factories import TESTER
from tests.support.entries import newest_entries
from tests.support.rows import snapshot


@pytest.fixture
def jane(ctx):
    return factories.make_customer("jane@example.com", points=1480, first_name="Jane", phone="0712345678")


@pytest.fixture
def milk(ctx):
    return factories.make_product("Maziwa", 7900, stock=10)


@pytest.fixture
def cart(jane, milk):
    """A valid checkout over 158.00."""
    return Checkout(email="jane@example.com", lines=[CartLine(milk.id, 2)])


def redeeming(cart, jane, points, **token):
    return replace(cart, redemption=RedemptionRequest(factories.make_token(jane.id, **token), points))


def test_an_order_has_prices_from_the_catalogue_and_a_number(cart):
    placed = place_order(cart)
    order = placed.order
    assert order.order_number.startswith("ORD-")
    assert (order.status, order.payment_status, order.source, order.currency) == (
        "pending",
        "pending",
        "storefront",
        "KES",
    )
    assert (order.subtotal_cents, order.discount_cents, order.total_cents) == (15800, 0, 15800)
    assert [(item.name, item.quantity, item.price_cents) for item in order.items] == [("Maziwa", 2, 7900)]
    assert placed.points_to_earn == 158


@pytest.mark.parametrize(
    ("subtotal", "coupon", "balance", "per_unit_off", "percent", "most", "discount"),
    [
        (15800, 0, 1480, "100", "50", 1480, 1480),
        (1600, 0, 1480, "100", "50", 800, 800),
        (10000, 7000, 99999, "100", "50", 3000, 3000),
        (1001, 0, 99999, "3", "50", 15, 500),
        (100, 0, 5, "3", "100", 3, 100),
        (100, 0, 1, "3", "100", 1, 33),
    ],
)
def test_every_row_of_the_table_can_be_redeemed_and_not_a_point_more(
    ctx, subtotal, coupon, balance, per_unit_off, percent, most, discount
):
    change_setting("loyalty_points_per_currency_discount", per_unit_off, TESTER)
    change_setting("loyalty_max_redeem_percent", percent, TESTER)
    joe = factories.make_customer(points=balance)
    product = factories.make_product(price_cents=subtotal)
    code = factories.make_coupon("TAKEOFF", "fixed", coupon).code if coupon else None
    shown = preview_redemption([CartLine(product.id, 1)], email=joe.email, phone=None, coupon_code=code)
    assert (shown.balance, shown.possible.max_points, shown.possible.max_discount_cents) == (balance, most, discount)
    with pytest.raises(InvalidInput) as refused:
        factories.place(joe, [(product, 1)], points=most + 1, coupon_code=code)
    assert refused.value.code in {"too_many_points", "insufficient_points"}
    order = factories.place(joe, [(product, 1)], points=most, coupon_code=code).order
    assert (order.points_redeemed, order.points_discount_cents) == (most, discount)
    assert order.discount_cents == coupon + discount
    assert order.total_cents == subtotal - coupon - discount
    assert order.payment_status == ("pending" if order.total_cents else "paid")
    assert get_standing(joe.id).points_balance == balance - most + order.points_earned


def test_redeeming_writes_one_entry_and_uses_the_token_up(cart, jane):
    order = place_order(redeeming(cart, jane, 480)).order
    entry = newest_entries(jane.id)[0]
    assert (entry.kind, entry.points, entry.order_id) == ("order_redeemed", -480, order.id)
    assert entry.note == f"Redeemed on order {order.order_number}"
    assert (entry.meta["discount"], entry.meta["subtotal"]) == ("4.80", "158.00")
    token = db.session.scalars(select(RedemptionToken)).one()
    assert token.order_id == order.id
    assert token.used_at is not None


def test_coupon_shipping_payment_addresses_and_words_are_kept(cart):
    coupon = factories.make_coupon("karibu10", "percentage", 1000, usage_limit=1)
    rider = factories.make_shipping("Rider", 20000)
    factories.make_payment("mpesa", "M-Pesa")
    order = place_order(
        replace(
            cart,
            coupon_code=" Karibu10 ",
            shipping_method_id=rider.id,
            payment_method="m-pesa",
            notes=" Ring twice. ",
            addresses=[PostalAddress("shipping", "Jane Doe", "Westlands Road", "Nairobi")],
        )
    ).order
    assert (order.coupon_discount_cents, order.shipping_cents, order.total_cents) == (1580, 20000, 34220)
    assert (order.coupon_code, order.shipping_method, order.payment_method) == ("KARIBU10", "Rider", "M-Pesa")
    assert [note.content for note in order.notes] == ["Ring twice."]
    assert [address.city for address in order.addresses] == ["Nairobi"]
    db.session.refresh(coupon)
    assert coupon.usage_count == 1


def test_delivery_is_free_from_an_amount_on(cart):
    rider = factories.make_shipping("Rider", 20000, free_above_cents=15800)
    assert place_order(replace(cart, shipping_method_id=rider.id)).order.shipping_cents == 0


def test_a_variant_has_its_own_price_and_stock(cart, milk):
    litre = factories.make_variant(milk, "1 l", 14000, stock=3)
    order = place_order(replace(cart, lines=[CartLine(milk.id, 3, litre.id)])).order
    assert [(item.name, item.price_cents) for item in order.items] == [("Maziwa (1 l)", 14000)]
    db.session.expire_all()
    assert (litre.stock_quantity, milk.stock_quantity) == (0, 10)


@pytest.mark.parametrize(("sale", "counts"), [(5000, 5000), (0, 7900), (7900, 7900), (8000, 7900), (None, 7900)])
def test_a_sale_price_counts_when_it_is_positive_and_lower(ctx, sale, counts):
    product = factories.make_product(price_cents=7900, sale_price_cents=sale)
    assert factories.place(factories.make_customer(), [(product, 1)]).order.total_cents == counts


def test_a_guest_becomes_a_customer_with_the_given_details(ctx, milk):
    wrote = Checkout("NEW@example.com ", [CartLine(milk.id, 1)], "Ann", "Wambui", "0722000111")
    customer = place_order(wrote).order.customer
    assert (customer.email, customer.first_name, customer.phone) == ("new@example.com", "Ann", "+254722000111")
    assert factories.reload(customer).total_orders == 1


def test_a_known_customer_is_not_changed_by_what_an_order_says(cart, jane):
    place_order(replace(cart, first_name="Mallory", phone="0799999999"))
    assert (factories.reload(jane).first_name, jane.phone) == ("Jane", "+254712345678")


def test_a_phone_number_that_cannot_be_read_does_not_lose_the_order(ctx, milk):
    order = place_order(Checkout("new@example.com", [CartLine(milk.id, 1)], phone="call me")).order
    assert order.customer.phone is None


def test_a_confirmation_waits_in_the_outbox(cart):
    order = place_order(cart).order
    message = db.session.scalars(select(OutboxMessage)).one()
    assert (message.kind, message.payload, message.recipient) == (
        "order_placed",
        {"order_id": order.id},
        "jane@example.com",
    )


def test_nothing_is_queued_without_a_recipient(cart):
    place_order(cart, notify=False)
    assert db.session.scalars(select(OutboxMessage)).all() == []


def test_a_guest_can_pay_an_order_with_its_token_alone(cart):
    placed = place_order(cart)
    assert may_pay(placed.order, None, placed.payment_token)
    assert not any(may_pay(placed.order, None, token) for token in (None, "", "wrong", placed.payment_token + "x"))


def test_the_session_that_placed_an_order_can_pay_it_unless_another_customer_signed_in(cart):
    with transaction():
        (guest, _), (somebody, _) = begin_session(None), begin_session(None)
    placed, token = place_order_from(guest, cart)
    assert token is None, "it had a session already"
    order, session = placed.order, guest.session_id
    assert may_pay(order, guest, None)
    assert may_pay(order, Shopper(session, customer_id=order.customer_id), None)
    assert not may_pay(order, Shopper(session, customer_id=order.customer_id + 1), None)
    assert not may_pay(order, somebody, None)
    assert not may_pay(order, guest, "wrong"), "a token that is shown must be right"
    assert not may_pay(place_order(cart).order, guest, None), "placed from no session"


def wrong_lines(*lines):
    return lambda cart, jane, milk: replace(cart, lines=[line(milk) if callable(line) else line for line in lines])


def with_rule(key, value, points):
    def requested(cart, jane, milk):
        change_setting(key, value, TESTER)
        return redeeming(cart, jane, points)

    return requested


def with_token(make):
    return lambda cart, jane, milk: replace(cart, redemption=RedemptionRequest(make(cart, jane), 100))


def used_token(cart, jane):
    token = factories.make_token(jane.id)
    place_order(replace(cart, redemption=RedemptionRequest(token, 100)))
    return token


def expired_token(cart, jane):
    with clock.moved_to(clock.now() - timedelta(minutes=31)):
        return factories.make_token(jane.id)


def token_of_another_shop(cart, jane):
    here = jane.shop_id
    factories.make_shop()
    token = factories.make_token(factories.make_customer("jane@example.com", points=1000).id)
    use_shop(here)
    return token


def coupon(**rest):
    def requested(cart, jane, milk):
        factories.make_coupon("OFF", "fixed", 500, **rest)
        return replace(cart, coupon_code="off")

    return requested


def nothing_left(cart, jane, milk):
    factories.make_coupon("ALL", "percentage", 10000)
    return replace(redeeming(cart, jane, 100), coupon_code="ALL")


DAY = timedelta(days=1)
REFUSALS = {
    "no lines": (wrong_lines(), "invalid_request"),
    "unknown product": (wrong_lines(CartLine(2**62, 1)), "invalid_request"),
    "no pieces": (wrong_lines(lambda milk: CartLine(milk.id, 0)), "invalid_request"),
    "too many pieces": (wrong_lines(lambda milk: CartLine(milk.id, 100_001)), "invalid_request"),
    "unknown variant": (wrong_lines(lambda milk: CartLine(milk.id, 1, 2**62)), "invalid_request"),
    "second line is out of stock": (
        wrong_lines(lambda milk: CartLine(milk.id, 1), lambda milk: CartLine(factories.make_product(stock=1).id, 2)),
        "out_of_stock",
    ),
    "two lines of one product are out of stock": (
        wrong_lines(lambda milk: CartLine(milk.id, 6), lambda milk: CartLine(milk.id, 5)),
        "out_of_stock",
    ),
    "draft": (
        wrong_lines(lambda milk: CartLine(factories.make_product(status="draft").id, 1)),
        "invalid_request",
    ),
    "e-mail": (lambda cart, jane, milk: replace(cart, email="nobody"), "invalid_request"),
    "shipping": (lambda cart, jane, milk: replace(cart, shipping_method_id=2**62), "shipping_method_unknown"),
    "payment": (lambda cart, jane, milk: replace(cart, payment_method="pigeon"), "payment_method_unknown"),
    "coupon unknown": (lambda cart, jane, milk: replace(cart, coupon_code="NOPE"), "coupon_unknown"),
    "coupon not begun": (coupon(start_date=clock.now() + DAY), "coupon_unknown"),
    "coupon expired": (coupon(end_date=clock.now() - DAY), "coupon_expired"),
    "coupon used up": (coupon(usage_limit=0), "coupon_used_up"),
    "coupon below minimum": (coupon(min_purchase_cents=15801), "coupon_below_minimum"),
    "token unknown": (with_token(lambda cart, jane: "no such token"), "invalid_redemption_token"),
    "token used": (with_token(used_token), "invalid_redemption_token"),
    "token expired": (with_token(expired_token), "invalid_redemption_token"),
    "token of another customer": (
        with_token(lambda cart, jane: factories.make_token(factories.make_customer(points=1000).id)),
        "invalid_redemption_token",
    ),
    "token of another shop": (with_token(token_of_another_shop), "invalid_redemption_token"),
    "more than they have": (lambda cart, jane, milk: redeeming(cart, jane, 1481), "insufficient_points"),
    "more than the cap": (with_rule("loyalty_max_redeem_percent", "1", 159), "too_many_points"),
    "no points": (lambda cart, jane, milk: redeeming(cart, jane, 0), "below_minimum_points"),
    "negative points": (lambda cart, jane, milk: redeeming(cart, jane, -100), "below_minimum_points"),
    "fewer than the least": (with_rule("loyalty_min_points_to_redeem", "200", 199), "below_minimum_points"),
    "cart too small": (with_rule("loyalty_min_checkout_total", "158.01", 100), "below_minimum_total"),
    "loyalty off": (with_rule("loyalty_points_enabled", "false", 100), "loyalty_disabled"),
    "not registered": (with_rule("loyalty_optin_required", "true", 100), "not_registered"),
    "nothing left to pay": (nothing_left, "nothing_to_discount"),
    "worth nothing": (with_rule("loyalty_points_per_currency_discount", "1000000", 100), "nothing_to_discount"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refused_order_leaves_no_trace(ctx, cart, jane, milk, case):
    make, code = REFUSALS[case]
    requested = make(cart, jane, milk)
    before = snapshot(ctx.id)
    with pytest.raises(Conflict if code == "out_of_stock" else InvalidInput) as refused:
        place_order(requested)
    assert refused.value.code == code
    assert snapshot(ctx.id) == before


@pytest.mark.parametrize(
    ("points", "make", "code", "field"),
    [
        (1481, lambda cart, jane: factories.make_token(jane.id), "insufficient_points", "points"),
        (1481, lambda cart, jane: "no such token", "invalid_redemption_token", "token"),
        (0, lambda cart, jane: "no such token", "invalid_redemption_token", "token"),
        (7901, lambda cart, jane: factories.make_token(jane.id), "insufficient_points", "points"),
    ],
)
def test_a_bad_token_is_reported_before_missing_points(cart, jane, points, make, code, field):
    with pytest.raises(InvalidInput) as refused:
        place_order(replace(cart, redemption=RedemptionRequest(make(cart, jane), points)))
    assert (refused.value.code, refused.value.errors[0].field) == (code, f"loyalty_redemption.{field}")


def test_an_order_that_breaks_at_the_very_end_leaves_no_trace(ctx, cart, jane):
    requested = redeeming(replace(cart, coupon_code=factories.make_coupon().code), jane, 100)
    before = snapshot(ctx.id)

    def place_and_break():
        with transaction():
            place_order(requested)
            raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        place_and_break()
    assert snapshot(ctx.id) == before
    assert place_order(requested).order.points_redeemed == 100, "the token is free again"

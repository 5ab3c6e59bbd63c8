"""Taxes of orders: stored when placed, unaffected by later rates, refunded in proportion."""

import uuid
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from shop.db.session import db
from shop.domain.pricing.taxes import TaxClassTerms, TaxPrices
from shop.models import OrderTaxLine
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.catalogue.products.records import update_product
from shop.services.orders.deletion import delete_order
from shop.services.orders.lifecycle import set_payment_status
from shop.services.orders.manual.creation import create_manual_order
from shop.services.orders.manual.editing import edit_order, version_of
from shop.services.orders.manual.order import ManualLine, ManualOrder
from shop.services.orders.pricing.lines import PostalAddress
from shop.services.orders.pricing.quote import QuoteRequest, quote_order
from shop.services.orders.refunds import RefundLine, refund_order
from shop.services.orders.repository import get_order, get_orders
from shop.services.taxes.classes import list_tax_classes, save_tax_class, set_tax_prices
from tests import factories
from tests.factories import TESTER, make_coupon, make_customer, make_product, make_shipping

pytestmark = pytest.mark.usefixtures("ctx")
PROPERTY = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
HOME = PostalAddress("shipping", street="Kirichwa Road", city="Nairobi")


@pytest.fixture
def milk():
    """Exempt."""
    return make_product("Milk", 10000, stock=2000, tax_class="A")


@pytest.fixture
def soap():
    """Of the default class, B."""
    return make_product("Soap", 11600, stock=2000)


def sums(order):
    return [(line.code, line.rate, line.net_cents, line.tax_cents) for line in order.tax_lines]


def stored(order):
    found = select(OrderTaxLine).where(OrderTaxLine.order_id == order.id).order_by(OrderTaxLine.code)
    return list(db.session.scalars(found, execution_options={"populate_existing": True}))


def test_an_order_without_taxes_has_no_lines(milk):
    placed = factories.place(make_customer(), [(milk, 1)])
    order = get_order(placed.order.id)
    assert (order.tax_lines, order.tax_cents, order.items[0].tax_class, stored(order)) == ([], 0, "", [])


def test_taxes_in_the_prices_change_no_amount(milk, soap):
    set_tax_prices(TaxPrices.INCLUDED, TESTER)
    method = make_shipping("Boda", 11600)
    placed = factories.place(make_customer(), [(milk, 1), (soap, 2)], shipping_method_id=method.id, addresses=[HOME])
    assert sums(placed.order) == [("A", 0, 10000, 0), ("B", 1600, 30000, 4800)]
    order = get_order(placed.order.id)
    assert sums(order) == sums(placed.order)
    assert (order.subtotal_cents, order.tax_cents, order.total_cents) == (33200, 0, 44800)
    assert {item.name: (item.tax_class, item.tax_cents) for item in order.items} == {
        "Milk": ("A", 0),
        "Soap": ("B", 3200),
    }
    assert [sums(one) for one in get_orders([order.id])] == [sums(order)]


def test_taxes_that_are_added_are_paid_beside_the_prices(milk):
    set_tax_prices(TaxPrices.ADDED, TESTER)
    soap = make_product("Soap", 10000, stock=20)
    method = make_shipping("Boda", 10000, tax_class="E")
    request = QuoteRequest(country="KE", shipping_method_id=method.id)
    quote = quote_order([CartLine(milk.id, 1), CartLine(soap.id, 2)], request)
    placed = factories.place(make_customer(), [(milk, 1), (soap, 2)], shipping_method_id=method.id, addresses=[HOME])
    order = placed.order
    assert sums(order) == [("A", 0, 10000, 0), ("B", 1600, 20000, 3200), ("E", 800, 10000, 800)]
    assert (order.subtotal_cents, order.tax_cents, order.total_cents) == (30000, 4000, 44000)
    assert (quote.total_cents, quote.total_without_points_cents) == (44000, 44000)


def test_discounts_are_spread_before_taxes_are_worked_out(milk, soap):
    set_tax_prices(TaxPrices.INCLUDED, TESTER)
    make_coupon("SOAP", "percentage", 5000, product_ids=[soap.id])
    customer = make_customer(points=5000)
    order = factories.place(customer, [(milk, 1), (soap, 1)], coupon_code="SOAP", points=1000).order
    # the coupon takes 58.00 off the soap, the points 10.00 off 100.00 and 58.00
    assert order.total_cents == 14800
    assert sums(order) == [("A", 0, 9367, 0), ("B", 1600, 4684, 749)]
    assert sum(line.net_cents + line.tax_cents for line in order.tax_lines) == order.total_cents


def test_later_rates_leave_an_order_as_it_is(soap):
    set_tax_prices(TaxPrices.INCLUDED, TESTER)
    order = factories.place(make_customer(), [(soap, 1)]).order
    before = sums(order)
    row = next(one for one in list_tax_classes() if one.code == "B")
    save_tax_class(row.id, TaxClassTerms("B", "VAT 18%", 1800), TESTER)
    assert sums(get_order(order.id)) == before
    set_tax_prices(TaxPrices.OFF, TESTER)
    assert sums(get_order(order.id)) == before


def manual(*lines, **rest):
    entered = ManualOrder(list(lines), **rest)
    return entered, create_manual_order(entered, TESTER, request_key=str(uuid.uuid4()))


def edited(order, entered, **changes):
    kept = [replace(line, item=item) for line, item in zip(entered.lines, order.items, strict=True)]
    lines = [*kept, *changes.pop("lines", [])]
    edit_order(order.id, replace(entered, lines=lines, **changes), TESTER, version=version_of(order))
    return get_order(order.id)


def test_an_order_by_hand_and_its_edits_have_their_taxes(milk, soap):
    set_tax_prices(TaxPrices.ADDED, TESTER)
    entered, order = manual(ManualLine(1, soap.id), ManualLine(1, name="Gift wrap", price_cents=5000))
    assert sums(order) == [("B", 1600, 16600, 2656)]
    assert order.total_cents == 16600 + 2656
    order = edited(order, entered, lines=[ManualLine(2, milk.id)], discount_cents=1660)
    assert sum(line.net_cents for line in order.tax_lines) == 36600 - 1660
    assert order.tax_cents == sum(line.tax_cents for line in order.tax_lines)
    assert order.total_cents == 36600 - 1660 + order.tax_cents
    assert sum(item.tax_cents for item in order.items) == order.tax_cents


def test_an_edited_delivery_that_stays_keeps_its_class(soap):
    set_tax_prices(TaxPrices.INCLUDED, TESTER)
    method = make_shipping("Boda", 10800, tax_class="E")
    entered, order = manual(ManualLine(1, soap.id), delivers=True, shipping_method_id=method.id, address=HOME)
    assert sums(order) == [("B", 1600, 10000, 1600), ("E", 800, 10000, 800)]
    order = edited(order, entered, keeps_delivery=True, note="Ring twice.")
    assert sums(order) == [("B", 1600, 10000, 1600), ("E", 800, 10000, 800)]


def test_an_edit_without_taxes_keeps_a_tax_that_was_recorded(soap):
    entered, order = manual(ManualLine(1, soap.id))
    order = edited(order, entered, discount_cents=100)
    assert (order.tax_cents, order.tax_lines) == (0, [])


def paid(lines, **rest):
    order = factories.place(make_customer(), lines, **rest).order
    return set_payment_status(order.id, "paid", TESTER)


def test_refunded_pieces_give_back_their_own_tax(milk, soap):
    set_tax_prices(TaxPrices.ADDED, TESTER)
    order = paid([(milk, 1), (soap, 2)])
    items = {item.name: item for item in order.items}
    refund_order(order.id, [RefundLine(items["Milk"].id, 1)], "Sour", TESTER)
    assert get_order(order.id).refunded_cents == 10000
    assert [(one.code, one.refunded_net_cents, one.refunded_tax_cents) for one in stored(order)] == [
        ("A", 10000, 0),
        ("B", 0, 0),
    ]
    refund_order(order.id, [RefundLine(items["Soap"].id, 1)], "Broken", TESTER)
    assert get_order(order.id).refunded_cents == 10000 + 11600 + 1856
    assert [(one.refunded_net_cents, one.refunded_tax_cents) for one in stored(order)] == [(10000, 0), (11600, 1856)]


@PROPERTY
@given(st.sampled_from([TaxPrices.INCLUDED, TaxPrices.ADDED]), st.lists(st.integers(1, 30000), max_size=4))
def test_the_last_refund_gives_back_all_that_is_left_of_the_taxes(milk, soap, prices, parts):
    set_tax_prices(prices, TESTER)
    order = paid([(milk, 1), (soap, 2)])
    for part in [*parts, None]:
        left = order.total_cents - order.refunded_cents
        if left:
            order = refund_order(order.id, part if part is None else min(part, left), "Changed mind", TESTER)
        lines = stored(order)
        assert sum(one.refunded_net_cents + one.refunded_tax_cents for one in lines) == order.refunded_cents
        assert all(one.refunded_tax_cents <= one.tax_cents for one in lines)
    assert [(one.refunded_net_cents, one.refunded_tax_cents) for one in stored(order)] == [
        (one.net_cents, one.tax_cents) for one in stored(order)
    ]


def test_a_deleted_order_takes_its_taxes_along(soap):
    set_tax_prices(TaxPrices.INCLUDED, TESTER)
    order = factories.place(make_customer(), [(soap, 1)]).order
    delete_order(order.id, TESTER)
    assert stored(order) == []


def test_a_product_without_stock_count_is_taxed_by_its_class(soap):
    set_tax_prices(TaxPrices.INCLUDED, TESTER)
    update_product(soap.id, {"tax_class": "E"}, TESTER)
    assert [line.code for line in factories.place(make_customer(), [(soap, 1)]).order.tax_lines] == ["E"]

"""Taxes of sales at the till: by the classes of products, else by the default class; refunds take them back."""

from uuid import uuid4

import pytest

from shop.db.transaction import transaction
from shop.domain.dates.date_ranges import Part
from shop.domain.dates.days import day_of
from shop.domain.pricing.taxes import TaxClassTerms, TaxPrices
from shop.queries.reports.taxes import TaxRow, taxes_by_rate
from shop.services import clock
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.customers.records import create_customer
from shop.services.loyalty.adjustments import adjust_points
from shop.services.loyalty.redemption_tokens import issue_token
from shop.services.orders.pricing.quote import QuoteRequest, quote_order
from shop.services.orders.recording import ExternalLine, ExternalOrder, record_order
from shop.services.orders.refunds import refund_order
from shop.services.orders.repository import get_order, get_orders
from shop.services.shops.settings import get_settings
from shop.services.taxes.classes import list_tax_classes, save_tax_class, set_tax_prices
from shop.services.till.redeeming import Reductions, record_reduced_sale
from shop.services.till.sales import Sale, record_sale, undo_sale
from tests import factories
from tests.factories import TESTER, make_product

pytestmark = pytest.mark.usefixtures("ctx")


def sell(cents=11600, lines=(), **fields):
    return record_sale(Sale(str(uuid4()), cents, "cash", phone="0712345678", lines=lines, **fields), TESTER)


def sums(order):
    return [(line.code, line.rate, line.net_cents, line.tax_cents, line.is_included) for line in order.tax_lines]


def report():
    today = day_of(clock.now(), get_settings().values["shop_timezone"])
    return taxes_by_rate(Part(today, today))


def test_a_bare_amount_is_taxed_by_the_default_class():
    set_tax_prices(TaxPrices.INCLUDED, TESTER)
    order = sell().order
    assert sums(order) == [("B", 1600, 10000, 1600, True)]
    assert (order.subtotal_cents, order.tax_cents, order.total_cents) == (11600, 0, 11600)
    assert [sums(one) for one in get_orders([order.id])] == [sums(order)]
    assert report() == [TaxRow("B", "VAT 16%", 1600, 1, 10000, 1600)]


def test_products_are_taxed_by_their_classes():
    set_tax_prices(TaxPrices.INCLUDED, TESTER)
    soap, milk = make_product("Soap", 11600, stock=9), make_product("Milk", 5000, tax_class="A")
    order = sell(
        33200, [ExternalLine(2, soap.id), ExternalLine(1, milk.id), ExternalLine(1, name="Bag", price_cents=5000)]
    ).order
    assert sums(order) == [("A", 0, 5000, 0, True), ("B", 1600, 24310, 3890, True)]
    assert {item.name: (item.tax_class, item.tax_cents) for item in order.items} == {
        "Soap": ("B", 3200),
        "Milk": ("A", 0),
        "Bag": ("B", 690),
    }
    assert factories.stock_of(soap) == 7


def test_refunds_and_an_undone_sale_take_the_tax_back():
    set_tax_prices(TaxPrices.INCLUDED, TESTER)
    order, undone = sell().order, sell().sale
    refund_order(order.id, 5800, "Scratched", TESTER)
    undo_sale(undone.sale_id, TESTER)
    assert report() == [TaxRow("B", "VAT 16%", 1600, 1, 5000, 800)]
    refund_order(order.id, None, "Broken", TESTER)
    assert sum(row.tax_cents for row in report()) == 0


def test_the_tax_is_in_the_amount_where_prices_exclude_it_too():
    """The amount is what the customer paid: it is the same with and without points and products."""
    set_tax_prices(TaxPrices.ADDED, TESTER)
    soap = make_product("Soap", 10000)
    for lines in ((), [ExternalLine(1, soap.id, price_cents=11600)]):
        order = sell(lines=lines).order
        assert (order.total_cents, order.tax_cents, sums(order)) == (11600, 0, [("B", 1600, 10000, 1600, True)])
    jane = create_customer(phone="0712345679")
    adjust_points(jane.id, 5_000, "Brought over", TESTER)
    with transaction():
        reductions = Reductions(1_160, issue_token(jane.id, 5))
    order = record_reduced_sale(Sale(str(uuid4()), 11600, "cash", customer_id=jane.id), reductions, TESTER).order
    assert (order.total_cents, sums(order)) == (10440, [("B", 1600, 9000, 1440, True)])
    assert quote_order([CartLine(soap.id, 1)], QuoteRequest()).total_cents == 11600


def test_a_shop_without_taxes_and_a_recorded_order_have_no_lines():
    assert sums(sell().order) == []
    set_tax_prices(TaxPrices.INCLUDED, TESTER)
    customer = factories.make_customer()
    recorded = record_order(ExternalOrder([], customer.id, subtotal_cents=11600, payment_status="paid"), TESTER)
    assert sums(get_order(recorded.id)) == []


def test_a_sale_from_the_queue_has_the_rate_of_its_day():
    set_tax_prices(TaxPrices.INCLUDED, TESTER)
    sold_at = clock.now()
    row = next(one for one in list_tax_classes() if one.code == "B")
    today = day_of(sold_at, get_settings().values["shop_timezone"])
    save_tax_class(row.id, TaxClassTerms("B", "VAT 16%", 1600, 1800, today), TESTER)
    assert [line.rate for line in sell(taken_at=sold_at).order.tax_lines] == [1800]

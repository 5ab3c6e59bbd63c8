"""Amounts in currencies without cents."""

from uuid import uuid4

import pytest

from shop.domain.catalogue.bulk import ChangeWay, NumberChange, ProductBulkKind
from shop.services.bulk.product_actions import change_product, get_product_bulk, start_product_bulk
from shop.services.catalogue.products.records import create_product, get_product
from shop.services.errors import Conflict, InvalidInput
from shop.services.orders.recording import ExternalLine, ExternalOrder, record_order
from shop.services.orders.refunds import RefundLine, refund_order
from shop.services.shops.amounts import check_amounts
from shop.services.shops.settings import change_setting
from shop.services.till.sales import Sale, record_sale
from shop.services.till.shifts import open_shift
from tests import factories
from tests.factories import TESTER


@pytest.mark.parametrize("currency", ["JPY", "UGX", "RWF"])
def test_an_amount_with_more_decimals_than_the_currency_is_named(currency):
    check_amounts(currency, {"total": 10000, "tax": None})
    with pytest.raises(InvalidInput) as refused:
        check_amounts(currency, {"total": 10050, "tax": 1, "shipping": 0})
    assert [error.field for error in refused.value.errors] == ["total", "tax"]
    assert str(refused.value.errors[0].message) == f"must be a whole number of {currency}"


@pytest.mark.parametrize("currency", ["KES", "TZS", "USD", "KWD"])
def test_hundredths_are_fine_where_there_are_cents(currency):
    assert check_amounts(currency, {"total": 1}) is None


@pytest.fixture
def yen(ctx):
    change_setting("currency", "JPY", TESTER)


def test_recorded_orders_and_refunds_have_whole_yen(yen):
    lines = [ExternalLine(1, name="Rice", price_cents=24050)]
    with pytest.raises(InvalidInput) as refused:
        record_order(ExternalOrder(lines, email="jane@example.com"), TESTER)
    assert (refused.value.code, refused.value.errors[0].field) == ("amount_precision", "items[0].price")
    paid = record_order(
        ExternalOrder([ExternalLine(3, name="Rice", price_cents=10000)], email="jane@example.com", discount_cents=5000,
                      payment_status="paid"),
        TESTER,
    )  # fmt: skip
    with pytest.raises(InvalidInput):
        refund_order(paid.id, 50, "", TESTER)
    assert refund_order(paid.id, [RefundLine(paid.items[0].id, 1)], "", TESTER).refunded_cents == 8300


def test_points_and_coupons_take_whole_yen_off(yen):
    jane = factories.make_customer(points=1480)
    factories.make_coupon("TENTH")
    rice = factories.make_product(price_cents=24100)
    order = factories.place(jane, [(rice, 1)], points=1480, coupon_code="TENTH").order
    assert (order.points_discount_cents, order.coupon_discount_cents) == (1400, 2400)
    assert order.total_cents == 24100 - 3800


def test_the_currency_stays_once_there_are_orders_or_points(ctx):
    factories.make_customer(points=1)
    with pytest.raises(Conflict) as refused:
        change_setting("currency", "JPY", TESTER)
    assert refused.value.code == "currency_in_use"
    assert change_setting("currency", "KES", TESTER) == "KES"


def _sell(cents):
    return record_sale(Sale(str(uuid4()), cents, "cash", phone="0712345678"), TESTER)


@pytest.mark.parametrize(
    ("write", "field"),
    [
        (lambda: create_product({"name": "Rice", "price_cents": 1050}, TESTER), "price"),
        (lambda: create_product({"name": "Rice", "price_cents": 1000, "sale_price_cents": 950}, TESTER), "sale_price"),
        (lambda: _sell(1050), "amount"),
        (lambda: open_shift(1050, TESTER), "float"),
    ],
    ids=["price", "sale price", "sale at the till", "float"],
)
def test_prices_and_the_till_have_whole_yen(yen, write, field):
    with pytest.raises(InvalidInput) as refused:
        write()
    assert (refused.value.code, refused.value.errors[0].field) == ("amount_precision", field)


def test_a_percentage_of_many_prices_gives_whole_yen(yen):
    rice = create_product({"name": "Rice", "price_cents": 10100}, TESTER)
    change = NumberChange(ProductBulkKind.PRICE, ChangeWay.RAISE_PERCENT, 250)
    action = start_product_bulk(change, "", {}, 1, TESTER)
    change_product(rice.id, get_product_bulk(action))
    assert get_product(rice.id).price_cents == 10400

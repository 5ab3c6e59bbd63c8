"""What the shop sells, how it is delivered and paid, and what a coupon takes off."""

from datetime import timedelta

import pytest

from shop.domain.pricing.shipping import Destination
from shop.services import clock
from shop.services.catalogue.coupons import find_terms, try_coupon, try_terms
from shop.services.catalogue.listed import find_products, get_product_by_slug, list_products
from shop.services.catalogue.payment_methods import choose_payment_method, list_payment_methods
from shop.services.catalogue.products.for_sale import CartLine, price_lines
from shop.services.catalogue.shipping import choose_shipping, quote_cart, quote_shipping
from shop.services.errors import InvalidInput, NotFound
from tests import factories


@pytest.fixture
def catalogue(ctx):
    return [
        factories.make_product("Maziwa Mala", 7900, sku="MZ-1"),
        factories.make_product("Unga 2 kg", 21000, sku="UN-2"),
        factories.make_product("Sukari 100%", 35000, sku="SU_1"),
        factories.make_product("Not yet", 100, status="draft"),
    ]


def names(**query):
    rows, total = list_products(**({"page": 1, "limit": 10} | query))
    return [row.name for row in rows], total


def test_products_for_sale_are_listed_newest_first_and_sorted(catalogue):
    assert names() == (["Sukari 100%", "Unga 2 kg", "Maziwa Mala"], 3)
    assert names(sort="price")[0] == ["Maziwa Mala", "Unga 2 kg", "Sukari 100%"]
    assert names(sort="-name")[0] == ["Unga 2 kg", "Sukari 100%", "Maziwa Mala"]
    assert names(limit=1, page=2) == (["Unga 2 kg"], 3)
    with pytest.raises(InvalidInput):
        names(sort="colour")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("mala", ["Maziwa Mala"]),
        ("un-2", ["Unga 2 kg"]),
        ("%", ["Sukari 100%"]),
        ("_", ["Sukari 100%"]),
        ("\\", []),
        ("not yet", []),
    ],
)
def test_products_are_searched_by_name_and_article_number(catalogue, typed, found):
    assert names(search=typed)[0] == found


def test_a_product_is_found_by_slug_and_several_by_id_in_the_requested_order(catalogue):
    milk, flour, sugar, draft = catalogue
    factories.make_variant(milk)
    assert [variant.name for variant in get_product_by_slug(milk.slug).variants] == ["1 l"]
    asked = [sugar.id, milk.id, sugar.id, 2**62, draft.id, flour.id]
    assert [row.id for row in find_products(asked)] == [sugar.id, milk.id, flour.id]
    for slug in (draft.slug, "nothing"):
        with pytest.raises(NotFound):
            get_product_by_slug(slug)


def test_a_variant_of_another_product_is_refused_by_its_line(catalogue):
    milk, flour, *_ = catalogue
    litre = factories.make_variant(milk)
    with pytest.raises(InvalidInput) as refused:
        price_lines([CartLine(flour.id, 1), CartLine(flour.id, 1, litre.id)])
    assert refused.value.errors[0].field == "items[1].variant_id"


def test_a_cart_that_costs_more_than_can_be_counted_is_refused(ctx):
    dear = factories.make_product(price_cents=9_999_999_999_999)
    assert price_lines([CartLine(dear.id, 1)])[0].total_cents == 9_999_999_999_999
    with pytest.raises(InvalidInput, match="more than an order may cost"):
        price_lines([CartLine(dear.id, 2)])


def test_a_cart_has_one_to_two_hundred_lines(ctx):
    product = factories.make_product()
    assert len(price_lines([CartLine(product.id, 1)] * 200)) == 200
    for lines in ([], [CartLine(product.id, 1)] * 201):
        with pytest.raises(InvalidInput, match="1 to 200 lines"):
            price_lines(lines)


@pytest.mark.parametrize(
    ("type", "value", "subtotal", "off"),
    [
        ("percentage", 1000, 15800, 1580),
        ("percentage", 1000, 99, 9),
        ("percentage", 333, 10000, 333),
        ("percentage", 10000, 15800, 15800),
        ("fixed", 500, 15800, 500),
        ("fixed", 20000, 15800, 15800),
    ],
)
def test_a_coupon_takes_off(ctx, type, value, subtotal, off):
    factories.make_coupon("OFF", type, value)
    assert try_terms(find_terms(" off "), subtotal).discount_cents == off


def test_a_coupon_is_tried_on_a_cart(catalogue):
    factories.make_coupon("OFF", "percentage", 1000)
    applied, subtotal = try_coupon("off", [CartLine(catalogue[0].id, 2)])
    assert (applied.discount_cents, subtotal) == (1580, 15800)


def test_a_coupon_holds_from_its_first_to_its_last_moment(ctx):
    start = clock.now()
    factories.make_coupon("OFF", start_date=start, end_date=start + timedelta(days=1))
    for moment, code in (
        (start - timedelta(seconds=1), "coupon_unknown"),
        (start, None),
        (start + timedelta(hours=23), None),
        (start + timedelta(days=1), "coupon_expired"),
    ):
        with clock.moved_to(moment):
            if code is None:
                assert try_terms(find_terms("OFF"), 1000)
                continue
            with pytest.raises(InvalidInput) as refused:
                try_terms(find_terms("OFF"), 1000)
            assert refused.value.code == code


def test_ways_to_deliver_depend_on_country_and_amount(catalogue):
    factories.make_shipping("Rider", 20000, free_above_cents=50000, countries=["KE"])
    factories.make_shipping("Courier", 90000)
    costs = {quote.method.name: quote.cost_cents for quote in quote_shipping(49999, Destination("ke"))}
    assert costs == {"Rider": 20000, "Courier": 90000}
    assert [quote.cost_cents for quote in quote_shipping(50000, Destination("KE"))] == [0, 90000]
    assert [quote.method.name for quote in quote_cart([CartLine(catalogue[0].id, 1)], Destination("UG"))] == ["Courier"]
    assert choose_shipping(None, []) is None


@pytest.mark.parametrize("name", ["mpesa", "M-Pesa", " m pesa ", "MPESA"])
def test_a_way_to_pay_is_known_by_name_or_code(ctx, name):
    factories.make_payment("mpesa", "M-Pesa")
    factories.make_payment("cod", "Cash on Delivery", position=1)
    assert choose_payment_method(name).code == "mpesa"
    assert choose_payment_method("cash_on_delivery").code == "cod"
    assert [method.code for method in list_payment_methods()] == ["mpesa", "cod"]
    assert choose_payment_method(None) is choose_payment_method("  ") is None

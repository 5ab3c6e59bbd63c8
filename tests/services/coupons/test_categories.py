"""Coupons for the goods of categories, in what a shopper is quoted."""

import pytest

from shop.services.catalogue.categories import save_category
from shop.services.catalogue.coupons import try_coupon
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.catalogue.products.records import update_product
from shop.services.coupons.records import create_coupon, get_coupon, update_coupon, values_of
from shop.services.coupons.values import CouponValues
from shop.services.errors import InvalidInput
from tests import factories
from tests.factories import TESTER


def test_it_is_for_the_goods_of_a_category_and_those_below(ctx):
    food = save_category(None, {"name": "Food"}, TESTER)
    dairy = save_category(None, {"name": "Dairy", "parent_id": food.id}, TESTER)
    milk, soap = factories.make_product("Milk", 10000), factories.make_product("Soap", 5000)
    update_product(milk.id, {"category_ids": [dairy.id]}, TESTER)
    values = CouponValues(code="FOOD", type="percentage", value=1000, category_ids=[food.id])
    coupon = create_coupon(values, TESTER)
    both = [CartLine(milk.id, 1), CartLine(soap.id, 1)]
    assert try_coupon("FOOD", both)[0].discount_cents == 1000
    with pytest.raises(InvalidInput) as refused:
        try_coupon("FOOD", both[1:])
    assert refused.value.code == "coupon_not_applicable"
    assert values_of(get_coupon(coupon.id)).category_ids == [food.id]
    with pytest.raises(InvalidInput):
        update_coupon(coupon.id, CouponValues(code="FOOD", type="percentage", value=1, category_ids=[999_999]), TESTER)

"""A shop's amounts keep their value when its currency, and with it their unit, changes."""

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import ShippingMethod
from shop.services.catalogue.products.records import get_product
from shop.services.coupons.records import get_coupon
from shop.services.errors import Conflict
from shop.services.shops.settings import change_setting, change_settings, get_settings
from tests import factories
from tests.factories import TESTER


def amounts(rice, coupons):
    db.session.expire_all()
    product, kept = get_product(rice.id), db.session.scalars(select(ShippingMethod)).one()
    values = [get_coupon(one.id).value for one in coupons]
    return product.price_cents, product.cost_cents, values, kept.cost_cents, kept.bands


def test_prices_coupons_and_delivery_keep_their_value(ctx):
    change_setting("loyalty_min_checkout_total", "250.50", TESTER)
    rice = factories.make_product("Rice", 123450)
    coupons = [factories.make_coupon("TENTH"), factories.make_coupon("OFF", "fixed", 500)]
    bands = [{"up_to": 5000, "cost_cents": 15000}, {"up_to": None, "cost_cents": 0}]
    with transaction():
        factories.make_shipping(cost_cents=20000).bands = bands
        db.session.scalars(select(ShippingMethod)).one().band_by = "amount"
    before = amounts(rice, coupons)
    assert change_setting("currency", "KWD", TESTER) == "KWD"
    scaled = [{"up_to": 50000, "cost_cents": 150000}, {"up_to": None, "cost_cents": 0}]
    assert amounts(rice, coupons) == (1234500, None, [1000, 5000], 200000, scaled)
    assert get_settings().rules.min_checkout_total_cents == 250500
    assert change_setting("currency", "UGX", TESTER) == "UGX"
    assert amounts(rice, coupons) == before


@pytest.mark.parametrize("what", ["price", "limit"])
def test_an_amount_finer_than_the_new_currency_keeps_the_old_one(ctx, what):
    change_setting("currency", "KWD", TESTER)
    rice = factories.make_product("Rice", 1234 if what == "price" else 1230)
    if what == "limit":
        change_setting("till_sale_limit", "1.234", TESTER)
    with pytest.raises(Conflict) as refused:
        change_setting("currency", "KES", TESTER)
    assert refused.value.code == "amounts_too_fine"
    assert (get_settings().currency, get_product(rice.id).price_cents % 10) == ("KWD", 4 if what == "price" else 0)


def test_a_limit_is_read_in_the_currency_that_comes_with_it(ctx):
    change_settings({"currency": "KWD", "till_sale_limit": "1.234"}, TESTER)
    assert get_settings().values["till_sale_limit"] == "1.234"

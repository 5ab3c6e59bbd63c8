"""Adding, changing, ending and deleting coupons."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from shop.db.session import db
from shop.models import AuditEntry, Coupon
from shop.services import clock
from shop.services.coupons.records import (
    create_coupon,
    delete_coupon,
    end_coupons,
    generate_coupons,
    get_coupon,
    update_coupon,
    values_of,
)
from shop.services.coupons.values import CouponValues
from shop.services.errors import Conflict, InvalidInput, NotFound
from tests import factories
from tests.factories import TESTER

FIXED = CouponValues(code="karibu100", type="fixed", value=10000)


def actions():
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_a_code_is_cleaned_and_unique(ctx):
    coupon = create_coupon(replace(FIXED, code="\u200b karibu100- "), TESTER)
    assert (coupon.code, coupon.usage_count, coupon.status) == ("KARIBU100", 0, "active")
    with pytest.raises(Conflict) as refused:
        create_coupon(FIXED, TESTER)
    assert refused.value.code == "coupon_exists"
    assert refused.value.errors[0].field == "code"
    assert actions() == ["coupon.created"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"code": " - "}, "code"),
        ({"code": "TWO WORDS"}, "code"),
        ({"code": "NUL\0"}, "code"),
        ({"code": "X" * 65}, "code"),
        ({"type": "gift"}, "type"),
        ({"value": 0}, "value"),
        ({"type": "percentage", "value": 10001}, "value"),
        ({"usage_limit": 0}, "usage_limit"),
        ({"per_customer_limit": -1}, "per_customer_limit"),
        ({"max_discount_cents": 0}, "max_discount"),
        ({"product_ids": [2**40]}, "product_ids"),
        ({"status": "asleep"}, "status"),
        ({"description": "x" * 201}, "description"),
        ({"start_date": clock.now(), "end_date": clock.now() - timedelta(1)}, "end_date"),
    ],
)
def test_each_wrong_value_is_named(ctx, wrong, field):
    with pytest.raises(InvalidInput) as refused:
        create_coupon(replace(FIXED, **wrong), TESTER)
    assert [error.field for error in refused.value.errors] == [field]


def test_products_are_those_of_the_shop(ctx):
    milk = factories.make_product()
    assert create_coupon(replace(FIXED, product_ids=[milk.id, milk.id]), TESTER).product_ids == [milk.id]


def test_a_change_keeps_what_was_used(ctx):
    coupon = factories.make_coupon("OLD", usage_limit=5)
    factories.place(factories.make_customer(), [(factories.make_product(), 1)], coupon_code="OLD")
    changed = update_coupon(coupon.id, replace(values_of(get_coupon(coupon.id)), code="new", value=500), TESTER)
    assert (changed.code, changed.value, changed.usage_count) == ("NEW", 500, 1)
    with pytest.raises(InvalidInput) as refused:
        update_coupon(coupon.id, replace(values_of(changed), usage_limit=0), TESTER)
    assert refused.value.errors[0].field == "usage_limit"
    with pytest.raises(NotFound):
        update_coupon(2**40, FIXED, TESTER)


def test_a_change_may_not_take_the_code_of_another(ctx):
    create_coupon(FIXED, TESTER)
    other = create_coupon(replace(FIXED, code="OTHER"), TESTER)
    with pytest.raises(Conflict):
        update_coupon(other.id, FIXED, TESTER)
    assert get_coupon(other.id).code == "OTHER"


def test_ended_coupons_are_ended_once(ctx):
    ids = [factories.make_coupon(code).id for code in ("A", "B")]
    assert end_coupons([*ids, 2**40], TESTER) == 2
    assert end_coupons(ids, TESTER) == 0
    assert [get_coupon(one).status for one in ids] == ["inactive", "inactive"]


def test_a_used_coupon_is_ended_and_another_deleted(ctx):
    used, unused = factories.make_coupon("USED"), factories.make_coupon("UNUSED")
    factories.place(factories.make_customer(), [(factories.make_product(), 1)], coupon_code="USED")
    assert not delete_coupon(used.id, TESTER)
    assert delete_coupon(unused.id, TESTER)
    assert get_coupon(used.id).status == "inactive"
    with pytest.raises(NotFound):
        get_coupon(unused.id)


def test_codes_are_drawn_for_one_use_each(ctx):
    assert generate_coupons("sorry", 50, replace(FIXED, code="ANY"), TESTER) == 50
    found = list(db.session.scalars(select(Coupon)))
    assert len({coupon.code for coupon in found}) == 50
    assert all(coupon.code.startswith("SORRY-") and coupon.usage_limit == 1 for coupon in found)
    for wrong in (0, 5001):
        with pytest.raises(InvalidInput):
            generate_coupons("", wrong, FIXED, TESTER)
    assert db.session.scalars(select(func.count(Coupon.id))).one() == 50

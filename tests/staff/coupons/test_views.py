"""The coupon pages."""

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import Coupon
from shop.services.catalogue.categories import save_category
from shop.services.coupons.records import get_coupon
from tests import factories
from tests.factories import TESTER

PAGE = "/staff/coupons"
TYPED = {"code": "karibu100", "type": "fixed", "value": "100", "combines_with_points": "y"}


@pytest.fixture
def clerk(browse, inside):
    browser = browse()
    browser.sign_in(inside(factories.make_staff, role="clerk").email)
    return browser


def all_codes():
    return list(db.session.scalars(select(Coupon.code).order_by(Coupon.code)))


def test_the_empty_list_says_what_a_coupon_is(staff):
    assert "No coupons yet" in staff.get(PAGE).text


def test_a_coupon_is_added_shown_and_changed(staff, inside):
    milk = inside(factories.make_product, sku="MLK-1")
    typed = TYPED | {"products": "mlk-1\nMLK-1", "end_date": "2030-12-31T23:59", "min_purchase": "1,800"}
    added = staff.send(f"{PAGE}/new", **typed)
    assert added.status_code == 303
    page = staff.get(added.headers["Location"]).text
    for words in ("KARIBU100", "KES 100.00 off", "From KES 1,800.00 of goods.", "Until 31 Dec 2030."):
        assert words in page
    coupon = inside(lambda: db.session.scalars(select(Coupon)).one())
    assert (coupon.product_ids, coupon.end_date.isoformat()) == ([milk.id], "2030-12-31T20:59:00+00:00")
    assert 'value="2030-12-31T23:59"' in staff.get(f"{PAGE}/{coupon.id}/edit").text
    changed = staff.send(f"{PAGE}/{coupon.id}/edit", **TYPED | {"type": "percentage", "value": "12.5"})
    assert changed.status_code == 303
    assert "12.5 % off" in staff.get(PAGE).text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"code": ""}, "Enter a code"),
        ({"value": "10,0"}, "Enter an amount"),
        ({"type": "percentage", "value": "101"}, "Enter a percentage"),
        ({"usage_limit": "many"}, "Enter a whole number"),
        ({"products": "NOSUCH"}, "No product has the SKU NOSUCH"),
        ({"start_date": "2030-01-02T00:00", "end_date": "2030-01-01T00:00"}, "Must be after the start"),
        ({"code": "TAKEN"}, "Is the code of another coupon"),
    ],
)
def test_errors_are_shown_at_their_field(staff, inside, typed, words):
    inside(factories.make_coupon, "TAKEN")
    answer = staff.send(f"{PAGE}/new", **TYPED | typed)
    assert answer.status_code == 422
    assert words in answer.text


def test_a_coupon_is_limited_to_categories(staff, inside):
    dairy = inside(save_category, None, {"name": "Dairy"}, TESTER)
    assert "Dairy" in staff.get(f"{PAGE}/new").text
    page = staff.get(staff.send(f"{PAGE}/new", **TYPED | {"categories": str(dairy.id)}).headers["Location"]).text
    assert ("For some categories only." in page, "Categories: Dairy" in page) == (True, True)


def test_the_example_changes_nothing(staff, inside):
    answer = staff.send(f"{PAGE}/new", **TYPED | {"look": "1"})
    assert (answer.status_code, inside(all_codes)) == (200, [])
    assert "KES 100.00 off" in answer.text


def test_coupons_are_ended_copied_and_deleted(staff, inside):
    coupon = inside(factories.make_coupon, "KARIBU")
    assert 'value="10"' in staff.get(f"{PAGE}/new?copy={coupon.id}").text
    assert "End the coupon KARIBU now?" in staff.send(f"{PAGE}/{coupon.id}/end").text
    staff.send(f"{PAGE}/{coupon.id}/end", sure="1")
    assert inside(get_coupon, coupon.id).status == "inactive"
    staff.send(f"{PAGE}/{coupon.id}/delete", sure="1")
    assert inside(all_codes) == []


def test_many_are_ended_at_once_and_exported(staff, inside):
    for code in ("ASANTE-1", "ASANTE-2", "BURE-1"):
        inside(factories.make_coupon, code)
    assert "End 2 coupons?" in staff.send(f"{PAGE}/end?q=ASANTE", all="1").text
    staff.send(f"{PAGE}/end?q=ASANTE", all="1", sure="1")
    assert "BURE-1" in staff.get(f"{PAGE}?state=active").text
    assert "ASANTE-1" not in staff.get(f"{PAGE}?state=active").text
    assert staff.get(f"{PAGE}.csv?state=ended&sort=code").text.splitlines()[1].startswith("ASANTE-1,")


def test_codes_are_generated(staff, inside):
    answer = staff.send(f"{PAGE}/generate", **TYPED | {"code": "sorry", "count": "3"})
    assert answer.headers["Location"].endswith("q=SORRY")
    assert len(inside(all_codes)) == 3


def test_a_clerk_looks_but_changes_nothing(clerk, inside):
    coupon = inside(factories.make_coupon, "KARIBU")
    page = clerk.get(f"{PAGE}/{coupon.id}").text
    assert "KARIBU" in page
    assert "End now" not in page
    assert clerk.get(f"{PAGE}/new").status_code == 403

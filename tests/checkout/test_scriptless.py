"""The checkout in a browser that runs no scripts: each button sends the form and gets the page."""

import html
import re

import pytest

from shop.services.orders.repository import get_order
from shop.services.shipping.records import save_method, save_zone
from shop.services.shipping.values import MethodValues, ZoneValues
from shop.services.shops.settings import change_setting
from tests import factories
from tests.factories import TESTER
from tests.support.codes import newest_code
from tests.support.shopper import FILLED_IN, CheckoutShopper


class Scriptless(CheckoutShopper):
    """A shopper whose browser sends the form of the page, without the header that a script adds."""

    runs_scripts = False

    def step(self, what, /, *, token=None, **filled):
        self.form |= {field: str(value) for field, value in filled.items()}
        self.status, page = self.send("POST", f"{self.base}/{what}", data=self.form)
        self.form.pop("drop", None)
        self.read(page)
        return page


@pytest.fixture
def shopper(client, shop, catalogue):
    return Scriptless.at(client, shop.slug, f"{catalogue['bread']}:1,{catalogue['milk']}:2")


def test_every_button_answers_with_a_whole_page(shopper, inside):
    inside(factories.make_coupon, "KARIBU10", "fixed", 1000)
    actions = set(re.findall(r'formaction="[^"]*/(\w+)"', shopper.page))
    assert actions == {"quote"}
    page = shopper.step("quote", email="new@example.com", **FILLED_IN, coupon_code="karibu10")
    assert page.lstrip().startswith("<!DOCTYPE html>")
    assert ("KES 379.00" in page, 'value="Kirichwa Road, Flat B4"' in page) == (True, True)
    assert "KES 389.00" in shopper.step("quote", drop="coupon")


def test_an_order_is_placed_and_its_status_page_shown(shopper, inside):
    page = shopper.step("order", email="new@example.com", **FILLED_IN)
    assert shopper.status == 200, page
    assert "has been placed" in page
    number = re.search(r"<h1>(ORD-[^<]+)</h1>", page)[1]
    code = re.search(r'name="code" value="(\d+)-', page)
    assert inside(get_order, int(code[1])).order_number == number
    assert number in shopper.step("order"), "once more is the same order"


def test_a_buyer_gets_back_to_the_hosted_shop(shopper, inside, shop):
    inside(lambda: change_setting("hosted_shop_enabled", "true", TESTER))
    shopper.step("quote", email="new@example.com", **FILLED_IN)
    assert f'href="/shop/{shop.slug}/"' in shopper.step("order")


def test_points_are_unlocked_and_spent(app, inside, shopper):
    jane = inside(factories.make_customer, points=1480, first_name="Jane").email
    shopper.step("quote", email=jane, **FILLED_IN)
    assert "/code" in re.findall(r'formaction="[^"]*(/\w+)"', shopper.page)
    shopper.step("code")
    assert "Continue without points" in shopper.page
    shopper.step("unlock", code=inside(newest_code, app))
    assert "Confirmed." in shopper.page
    page = shopper.step("quote", points="500")
    assert "500 points" in page
    assert "has been placed" in shopper.step("order")


def test_what_is_missing_is_said_beside_its_field(shopper):
    page = shopper.step("order")
    assert (shopper.status, "Please fix 5 fields." in html.unescape(page)) == (400, True)
    assert shopper.wrong()["street"] == "The street is needed."


def test_a_checkout_that_is_over_is_a_page(shopper):
    page = shopper.step("quote", checkout_token="x" * 43)
    assert (shopper.status, "This checkout has expired" in page) == (404, True)
    assert page.lstrip().startswith("<!DOCTYPE html>")


def test_the_county_decides_the_zone(inside, shop, client, catalogue):
    zones = {"Kiambu": 35000, "Nakuru": 60000}
    for county, cents in zones.items():
        zone = inside(save_zone, None, ZoneValues(name=county, countries=("KE",), regions=(county,)), TESTER)
        inside(save_method, None, MethodValues(name=f"Parcel to {county}", cost_cents=cents, zone_id=zone.id), TESTER)
    shopper = CheckoutShopper.at(client, shop.slug, f"{catalogue['bread']}:1")
    assert "Parcel" not in shopper.page
    page = shopper.step("quote", **FILLED_IN | {"city": "Thika"}, state="kiambu county")
    assert ("Parcel to Kiambu" in page, "Parcel to Nakuru" in page) == (True, False)
    parcel = re.search(r'shipping-(\d+)"[^>]*>\s*<span class="what"><b>Parcel', page)[1]
    shopper.step("quote", email="new@example.com", shipping=parcel)
    shopper.step("order")
    order = inside(get_order, shopper.order["id"])
    assert (order.shipping_method, order.shipping_cents) == ("Parcel to Kiambu", 35000)
    assert [address.state for address in order.addresses if address.type == "shipping"] == ["kiambu county"]


def test_a_shop_that_delivers_by_county_asks_for_the_address_first(client, inside, shop):
    bread = inside(factories.make_product, "Bread", 6500)
    zone = inside(save_zone, None, ZoneValues(name="Kiambu", countries=("KE",), regions=("Kiambu",)), TESTER)
    inside(save_method, None, MethodValues(name="Parcel", cost_cents=35000, zone_id=zone.id), TESTER)
    inside(factories.make_payment, "cod", "Cash")
    shopper = CheckoutShopper.at(client, shop.slug, f"{bread.id}:1")
    assert "Enter your address to see how we deliver." in shopper.page
    shopper.fill("new@example.com", state="Lamu")
    assert "This shop doesn’t deliver to this address." in shopper.page
    shopper.step("order")
    assert shopper.wrong()["shipping"] == "The delivery is not available at this address."

"""What the checkout says about points, and the countries it delivers to."""

import pytest

from shop.services.shops.settings import change_settings
from tests import factories
from tests.support.shopper import CheckoutShopper


@pytest.mark.parametrize(
    ("settings", "points", "words"),
    [
        ({"min_checkout_total": "500"}, 900, "You have 900 points. You can use them on orders of KES 500.00 or more."),
        ({"min_points_to_redeem": "1000"}, 900, "You have 900 points. You can use them once you have 1,000."),
        (
            {"min_points_to_redeem": "8000"},
            9000,
            "You have 9,000 points, but this order is too small to use the minimum of 8,000 points.",
        ),
        ({"max_redeem_percent": "0"}, 900, "You have 900 points, but nothing in this order can be paid with points."),
        ({"optin_required": "true"}, 900, "You have 900 points. To use them, join the loyalty programme first."),
        ({"max_redeem_percent": "12.5"}, 9000, "Points pay for up to 12.5 % of the goods."),
        ({}, 0, "This e-mail has no points yet."),
    ],
)
def test_why_points_cannot_be_spent_is_said_after_the_code(client, shop, catalogue, inside, settings, points, words):
    changes = {f"loyalty_{name}": value for name, value in settings.items()}
    inside(change_settings, changes, factories.TESTER)
    customer = inside(factories.make_customer, points=points)
    token = inside(factories.make_token, customer.id)
    shopper = CheckoutShopper.at(client, shop.slug, f"{catalogue['bread']}:2")
    assert words not in shopper.fill(customer.email)
    assert words in shopper.step("quote", stage="ready", redemption_token=token)


@pytest.mark.parametrize(("trigger", "words"), [("payment_paid", "paid"), ("order_completed", "delivered")])
def test_when_the_order_earns_is_said(client, shop, catalogue, inside, trigger, words):
    inside(change_settings, {"loyalty_award_trigger": trigger}, factories.TESTER)
    page = CheckoutShopper.at(client, shop.slug, f"{catalogue['bread']}:2").page
    assert f"You’ll earn <b>130 points</b> once it is {words}." in " ".join(page.split())


def test_a_shop_that_delivers_abroad_asks_for_the_country(client, shop, catalogue, inside):
    abroad = inside(factories.make_shipping, "Bus to Kampala", 90000, countries=["UG"])
    shopper = CheckoutShopper.at(client, shop.slug, str(catalogue["bread"]))
    assert ">Kenya</option>" in shopper.page
    assert ">Uganda</option>" in shopper.page
    assert "Bus to Kampala" not in shopper.page
    shopper.fill("new@example.com", country="UG")
    assert "Bus to Kampala" in shopper.page
    assert "Rider in Nairobi" not in shopper.page
    shopper.step("order", country="UG", shipping=abroad.id)
    assert shopper.order["total"] == "965.00"


def test_a_shop_that_delivers_to_one_country_does_not_ask(shopper):
    assert "<select" not in shopper.page


def test_a_country_that_the_shop_does_not_serve_gets_no_order(shopper):
    shopper.fill("new@example.com", country="UG")
    assert "This shop doesn’t deliver to this address." in shopper.page
    shopper.step("order")
    assert (shopper.status, shopper.wrong()["shipping"]) == (400, "The delivery is not available at this address.")

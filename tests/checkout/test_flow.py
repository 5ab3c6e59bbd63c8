"""The steps of the checkout, from the cart to the order."""

import re

import pytest

from shop.services.orders.repository import get_order
from tests import factories
from tests.support.codes import newest_code
from tests.support.shopper import CheckoutShopper


@pytest.fixture
def jane(inside):
    """Jane with 1,480 points."""
    return inside(factories.make_customer, points=1480, first_name="Jane").email


def balance(inside, email):
    from shop.services.customers.records import find_customer
    from shop.services.loyalty.ledger import find_balance

    return inside(lambda: find_balance(find_customer(email=email, phone=None).id))


def unlock(app, inside, shopper):
    shopper.step("code")
    assert shopper.status == 200, shopper.page
    return shopper.step("unlock", code=inside(newest_code, app))


def test_the_page_shows_the_cart_with_the_catalogues_prices(shopper):
    assert "Brown bread, 400 g" in shopper.page
    assert "KES 189.00" in shopper.page  # 65 + 2 × 62
    assert "KES 389.00" in shopper.page  # with the rider


def test_a_variant_is_named_after_a_dot(client, shop, catalogue):
    page = CheckoutShopper.at(client, shop.slug, f"{catalogue['milk']}.{catalogue['large']}:3").page
    assert "Fresh milk (1 l)" in page
    assert "KES 330.00" in page


def test_an_order_without_points_and_paid_in_cash(shopper, inside):
    shopper.fill("new@example.com", notes="Ring twice.")
    shopper.step("order")
    assert shopper.status == 200, shopper.page
    reported = shopper.order
    assert (reported["total"], reported["points_redeemed"], reported["points_to_earn"]) == ("389.00", 0, 189)
    order = inside(get_order, reported["id"])
    assert (order.order_number, order.payment_method_code) == (reported["order_number"], "cod")
    assert (order.customer.first_name, order.customer.last_name) == ("Wanjiku", "Kamau")
    assert {(a.type, a.street, a.city, a.country) for a in order.addresses} == {
        ("shipping", "Kirichwa Road, Flat B4", "Nairobi", "Kenya"),
        ("billing", "Kirichwa Road, Flat B4", "Nairobi", "Kenya"),
    }
    assert [note.content for note in order.notes] == ["Ring twice."]


def test_a_phone_that_is_not_the_known_customers_is_a_note(shopper, inside, jane):
    shopper.fill(jane)
    shopper.step("order")
    order = inside(get_order, shopper.order["id"])
    assert order.customer.phone is None
    assert [note.content for note in order.notes] == ["Phone: 0712 000 118"]


def test_points_are_unlocked_by_the_mailed_code_and_spent(app, inside, shopper, jane):
    shopper.fill(jane)
    shopper.step("code")
    assert 'name="stage" value="asked"' in shopper.page
    assert "1,480" not in shopper.page, "anybody can type an e-mail"
    code = inside(newest_code, app)
    shopper.step("unlock", code=f" {code[:3]}-{code[3:]} ")
    assert "Confirmed." in shopper.page
    assert "1,480 points" in shopper.page
    shopper.step("quote", points="1000")
    assert "KES 379.00" in shopper.page
    shopper.step("order")
    assert (shopper.order["total"], shopper.order["points_redeemed"]) == ("379.00", 1000)
    assert balance(inside, jane) == 480


def test_a_coupon_lessens_what_points_may_pay(app, inside, shopper, jane):
    inside(factories.make_coupon, "HALF", "percentage", 9900)
    shopper.fill(jane, coupon_code="half")
    assert "−187.11" in shopper.page
    unlock(app, inside, shopper)
    assert "After your coupon, points can pay for up to" in shopper.page
    shopper.step("order")
    assert shopper.order["points_redeemed"] == 189  # 189.00 − 187.11 = 1.89


def test_a_coupon_that_cannot_be_is_refused_beside_its_field(shopper):
    shopper.fill("new@example.com", coupon_code="nosuch")
    assert shopper.wrong()["coupon_code"] == "NOSUCH is not a coupon of this shop."
    shopper.step("order")
    assert shopper.wrong()["coupon_code"] == "NOSUCH is not a coupon of this shop."
    assert "Order without a coupon" in shopper.page
    shopper.step("order", name="", phone="")
    marked = shopper.wrong().keys() - {"problem"}
    assert {"coupon_code", "name", "phone"} <= marked
    assert shopper.wrong()["problem"] == f"Please fix {len(marked)} fields."
    assert "data-order" not in shopper.page


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("email", "", "The e-mail is needed."),
        ("email", "jane@", "The e-mail must be an e-mail address such as jane@example.com."),
        ("name", "  ", "Your name is needed."),
        ("phone", "12", "The phone number must be a phone number such as 0712 123456 or +254712123456."),
        ("street", "", "The street is needed."),
        ("city", "", "The town is needed."),
        ("payment", "gold", "The payment method must be chosen."),
        ("name", "x" * 500, "Your name must have at most 200 characters."),
    ],
)
def test_what_is_missing_or_wrong_is_said_beside_its_field(shopper, field, value, words):
    shopper.fill("new@example.com", **({} if field == "email" else {field: value}))
    shopper.step("order", **{field: value})
    assert (shopper.status, shopper.wrong().get(field)) == (400, words)
    assert "data-order" not in shopper.page


def test_a_wrong_code_is_refused_and_the_next_try_is_open(app, inside, shopper, jane):
    shopper.fill(jane)
    shopper.step("code")
    code = inside(newest_code, app)
    shopper.step("unlock", code=str((int(code) + 1) % 10**6).zfill(6))
    assert shopper.status == 400
    assert shopper.wrong()["code"].startswith("This code is wrong")
    shopper.step("unlock", code=code)
    assert "Confirmed." in shopper.page


def test_asking_again_at_once_says_when_it_may_be_asked(shopper, jane):
    shopper.fill(jane)
    shopper.step("code")
    shopper.step("code")
    assert shopper.status == 429
    assert 0 < int(shopper.form["resend_in"]) <= 60
    assert 'id="code"' in shopper.page  # the code sent before still counts


def test_points_requested_but_not_unlocked_block_the_order(shopper, jane):
    shopper.fill(jane)
    shopper.step("code")
    shopper.step("order")
    assert shopper.wrong()["code"] == "Enter the code we sent you first, or continue without points."
    shopper.step("quote", stage="", points="", points_max="")
    shopper.step("order")
    assert shopper.order["points_redeemed"] == 0


def test_an_expired_redemption_token_is_requested_again(app, inside, shopper, jane):
    shopper.fill(jane)
    unlock(app, inside, shopper)
    shopper.step("order", redemption_token="of somebody else")
    assert shopper.status == 400
    assert "has expired" in shopper.wrong()["problem"]
    assert (shopper.form["stage"], shopper.form["redemption_token"]) == ("", "")
    assert balance(inside, jane) == 1480


def test_no_more_points_are_chosen_than_there_may_be(app, inside, shopper, jane):
    shopper.fill(jane)
    unlock(app, inside, shopper)
    shopper.step("quote", points="1400")
    shopper.step("quote", points="99999")
    assert shopper.form["points"] == "1480"
    inside(factories.make_coupon, "HALF", "percentage", 9500)
    shopper.step("quote", points="1400", coupon_code="HALF")
    assert shopper.form["points"] == "945"  # 9.45 is left


def test_a_price_that_changed_is_shown_before_anything_is_ordered(app, inside, shopper, catalogue):
    from shop.db.transaction import transaction

    def dearer():
        from shop.db.session import db
        from shop.models import Product

        with transaction():
            db.session.get(Product, catalogue["bread"]).price_cents = 9900

    shopper.fill("new@example.com")
    inside(dearer)
    shopper.step("order")
    assert shopper.status == 409
    assert shopper.wrong()["problem"].startswith("A price has changed")
    assert "KES 423.00" in shopper.page
    shopper.step("order")
    assert shopper.order["total"] == "423.00"


def test_asked_twice_it_is_the_same_order(inside, shopper):
    shopper.fill("new@example.com")
    shopper.step("order")
    first = shopper.order
    shopper.step("order", name="Somebody Else", notes="changed")
    assert shopper.order == first
    shopper.step("order", name="", shown_cents="1")
    assert shopper.order == first


def test_every_step_before_the_code_is_the_same_for_known_and_unknown_people(client, shop, catalogue, jane):
    steps = [("quote", {}), ("code", {}), ("code", {}), ("unlock", {"code": "000000"}), ("order", {})]
    seen = []
    for email in (jane, "nobody@example.com"):
        shopper = CheckoutShopper.at(client, shop.slug, f"{catalogue['bread']}")
        shopper.fill(email)
        pages = [shopper.page, *(shopper.step(name, **filled) for name, filled in steps)]
        last = shopper.step("order", stage="")
        seen.append([re.sub(r'(resend_in" value|data-wait)="\d+"', r"\1", _anonymous(page, email)) for page in pages])
        assert "thanks" in last
    assert seen[0] == seen[1]


def _anonymous(page, email):
    return page.replace(email, "…").replace("@<wbr>".join(email.split("@")), "…")


def test_a_token_of_another_person_shows_no_balance(client, shop, catalogue, inside, jane):
    token = inside(factories.make_token, inside(factories.make_customer, points=5).id)
    shopper = CheckoutShopper.at(client, shop.slug, f"{catalogue['bread']}")
    shopper.fill(jane)
    shopper.step("quote", stage="ready", redemption_token=token)
    assert "1,480" not in shopper.page
    assert "has expired" in shopper.wrong()["problem"]


def test_without_loyalty_there_is_no_word_of_points(app, client, inside, shop, catalogue):
    from shop.services.shops.settings import change_setting

    inside(change_setting, "loyalty_points_enabled", "false", factories.TESTER)
    page = CheckoutShopper.at(client, shop.slug, str(catalogue["bread"])).page
    assert "Your points" not in page
    assert "earns" not in page

"""Errors of the checkout: wrong shop, token or cart, and limits."""

from datetime import timedelta

import pytest

from shop.services import clock
from tests import factories
from tests.support.rows import snapshot
from tests.support.shopper import CheckoutShopper

STEPS = ("quote", "code", "unlock", "order", "payment")
CLOSED = "This checkout has expired. Go back to the shop and start again. Nothing was ordered."


@pytest.fixture
def elsewhere(app):
    """Another shop's address, and a product of it."""
    with app.app_context():
        shop = factories.make_shop()
        return shop, factories.make_product(stock=5).id


def test_every_step_is_tested(app):
    rules = {rule.rule.rsplit("/", 1)[-1] for rule in app.url_map.iter_rules() if rule.rule.startswith("/checkout/")}
    assert rules == {"<string:shop>", "theme.css", "texts", "order-status", *STEPS}


@pytest.mark.parametrize("step", STEPS)
def test_without_the_token_of_this_very_checkout_nothing_goes(
    app, client, inside, shopper, catalogue, shop, elsewhere, step
):
    foreign_shop, foreign_product = elsewhere
    other_cart = CheckoutShopper.at(client, shop.slug, str(catalogue["milk"]))
    other_shop = CheckoutShopper.at(client, foreign_shop.slug, str(foreign_product))
    shopper.fill("new@example.com")
    before = inside(snapshot, shop.id)
    for token in (other_cart.token, other_shop.token, "made up", shopper.token + "x"):
        shopper.step(step, token=token)
        assert (shopper.status, shopper.wrong()) == (404, {"problem": CLOSED})
    shopper.base = shopper.base.replace(shop.slug, foreign_shop.slug)  # the right token at another shop's address
    shopper.step(step)
    assert (shopper.status, shopper.wrong()) == (404, {"problem": CLOSED})
    shopper.step(step, token="")
    assert (shopper.status, "has no token" in shopper.page) == (401, True)
    assert inside(snapshot, shop.id) == before


def test_the_token_is_kept_only_as_a_hash(inside, shopper, shop):
    assert len(shopper.token) >= 43
    assert shopper.token not in str(inside(snapshot, shop.id))


def test_a_checkout_ends_after_two_hours(shopper):
    with clock.moved_to(clock.now() + timedelta(minutes=119)):
        shopper.fill("new@example.com")
        assert shopper.status == 200
    with clock.moved_to(clock.now() + timedelta(minutes=121)):
        shopper.step("order")
    assert (shopper.status, shopper.wrong()) == (404, {"problem": CLOSED})


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ("", "The cart is empty."),
        (",", "The cart is empty."),
        ("bread", "must look like 12:1,13.4:2"),
        ("1:1:1", "must look like 12:1,13.4:2"),
        ("0:1", "must be at least 1"),
        ("1:0", "must be at least 1"),
        ("1:-1", "must look like"),
        ("9999999999999999999:1", "must be at most"),
        ("999999999:1", "is not a product that is for sale here"),
        (",".join(["1:1"] * 201), "must have at most 200 entries"),
    ],
)
def test_a_cart_that_cannot_be_is_refused_with_a_sentence(client, shop, catalogue, items, words):
    answer = client.get(f"/checkout/{shop.slug}", query_string={"items": items})
    assert answer.status_code == 400
    assert words in answer.text
    assert "data-token" not in answer.text


def test_a_product_of_another_shop_is_not_for_sale(client, shop, catalogue, elsewhere):
    answer = client.get(f"/checkout/{shop.slug}?items={elsewhere[1]}")
    assert (answer.status_code, "is not a product that is for sale here" in answer.text) == (400, True)


@pytest.mark.parametrize("slug", ["nosuch", "%00", "x" * 500])
def test_there_is_no_checkout_of_an_unknown_shop(client, catalogue, slug):
    assert client.get(f"/checkout/{slug}?items={catalogue['bread']}").status_code == 404


def test_a_page_that_the_shop_did_not_allow_gets_no_checkout(client, shop, catalogue):
    answer = client.get(f"/checkout/{shop.slug}?items={catalogue['bread']}&origin=https://evil.example")
    assert answer.status_code == 403
    assert "data-token" not in answer.text


def test_what_is_sold_out_is_said_and_nothing_is_ordered(client, shop, inside, catalogue):
    last = inside(factories.make_product, "The last one", stock=1)
    shopper = CheckoutShopper.at(client, shop.slug, f"{last.id}:2")
    shopper.fill("new@example.com")
    before = inside(snapshot, shop.id)
    shopper.step("order")
    assert shopper.status == 409
    assert shopper.wrong()["problem"] == "There is not enough of The last one left."
    assert inside(snapshot, shop.id) == before


def test_names_and_registrations_are_shown_as_text(client, shop, inside, catalogue):
    wild = inside(factories.make_product, '<script>alert("1")</script> & co')
    shopper = CheckoutShopper.at(client, shop.slug, str(wild.id))
    shopper.fill("new@example.com", name='"><script>alert(2)</script>')
    assert "<script>alert" not in shopper.page
    shopper.step("order")
    assert shopper.status == 200
    assert "<script>alert" not in shopper.page


def test_five_wrong_codes_void_the_right_one_too(app, inside, shopper):
    from tests.support.codes import newest_code

    jane = inside(factories.make_customer, points=1480)
    shopper.fill(jane.email)
    shopper.step("code")
    code = inside(newest_code, app)
    for _ in range(5):
        shopper.step("unlock", code=str((int(code) + 1) % 10**6).zfill(6))
    shopper.step("unlock", code=code)
    assert shopper.status == 400
    assert "redemption_token" not in {name for name, value in shopper.form.items() if value}


def test_one_address_has_a_limit_of_requested_codes(make_private_app):
    app = make_private_app(OTP_SENDS_PER_ADDRESS_HOUR=2)
    with app.app_context():
        shop = factories.make_shop()
        product = factories.make_product().id
    statuses = []
    for number in range(3):
        shopper = CheckoutShopper.at(app.test_client(), shop.slug, str(product))
        shopper.step("code", email=f"nobody{number}@example.com")
        statuses.append(shopper.status)
    assert statuses == [200, 200, 429]


def test_opening_counts_against_the_limit_of_the_address(make_private_app):
    app = make_private_app(STOREFRONT_REQUESTS_PER_15_MINUTES=2)
    with app.app_context():
        shop = factories.make_shop()
    answers = [app.test_client().get(f"/checkout/{shop.slug}") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [400, 400, 429]
    assert int(answers[2].headers["Retry-After"]) > 0


def test_a_refusal_is_said_in_a_page_that_can_be_read(client, shop):
    page = client.get(f"/checkout/{shop.slug}").text
    assert "This checkout can’t be opened" in page
    assert "The cart is empty." in page


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_step_is_taken_by_post_alone(client, shopper, method):
    answer = client.open(f"{shopper.base}/order", method=method, headers={"X-Tuza-Checkout": shopper.token})
    assert answer.status_code == 405

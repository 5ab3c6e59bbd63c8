"""Points in the storefront API: config, preview, code, token (``docs/contract/api.md``, section 5)."""

from decimal import Decimal

import pytest

from tests import factories
from tests.support.codes import newest_code

PUBLIC = "/api/v1/storefront/loyalty"


@pytest.fixture
def jane(inside):
    """Jane with 1,480 points."""
    return inside(factories.make_customer, points=1480, phone="0712345678")


@pytest.fixture
def cart(inside):
    """A cart of 158.00."""
    product = inside(factories.make_product, price_cents=15800)
    return [{"product_id": product.id, "quantity": 1}]


def post(client, path, **body):
    return client.post(f"{PUBLIC}/{path}", json=body)


def data_of(answer, status=200):
    assert answer.status_code == status, answer.text
    return answer.get_json()["data"]


def test_the_config_has_what_a_checkout_needs_and_nothing_more(client):
    config = data_of(client.get(f"{PUBLIC}/config"))["config"]
    assert {
        "enabled", "points_per_currency_unit", "points_per_currency_discount", "max_redeem_percent",
        "min_points_to_redeem", "min_checkout_total", "otp_ttl_minutes", "optin_required",
    } <= set(config)  # fmt: skip
    assert config["enabled"] is True
    assert (config["points_per_currency_discount"], config["max_redeem_percent"]) == (100, 50)
    assert "award_trigger" not in config


def test_a_preview_says_what_can_be_redeemed(client, jane, cart):
    answer = post(client, "preview", email=jane.email.upper(), items=cart)
    assert data_of(answer) == {
        "eligible": True,
        "balance": 1480,
        "max_redeemable_points": 1480,
        "estimated_discount_max": Decimal("14.8"),
        "reason": None,
        "subtotal": 158,
        "points_to_earn": 158,
    }
    assert '"estimated_discount_max":14.8,"reason":null,"subtotal":158,' in answer.get_data(as_text=True)


@pytest.mark.parametrize("phone", ["0712345678", "+254712345678", "0712 345 678"])
def test_a_preview_by_phone_finds_the_same_person(client, jane, cart, phone):
    assert data_of(post(client, "preview", phone=phone, items=cart))["balance"] == 1480


def test_a_preview_counts_a_coupon(client, inside, jane, cart):
    inside(factories.make_coupon, "HALF", "percentage", 9500)
    data = data_of(post(client, "preview", email=jane.email, items=cart, coupon_code="half"))
    assert (data["max_redeemable_points"], data["estimated_discount_max"]) == (790, Decimal("7.9"))


def test_unknown_people_and_customers_without_points_get_the_same_answer(client, inside, cart):
    known = inside(factories.make_customer)
    answers = [post(client, "preview", email=email, items=cart) for email in (known.email, "nobody@example.com")]
    assert answers[0].data == answers[1].data
    data = data_of(answers[0])
    assert (data["eligible"], data["balance"], data["reason"]) == (False, 0, "unknown_customer")


def test_a_preview_needs_a_customer_and_a_valid_cart(client, jane, cart):
    for body, field in (
        ({"items": cart}, "email"),
        ({"email": jane.email}, "items"),
        ({"email": jane.email, "items": []}, "items"),
        ({"email": jane.email, "items": [{"product_id": 2**62, "quantity": 1}]}, "items[0].product_id"),
        ({"email": jane.email, "items": cart, "coupon_code": "NOSUCH"}, "coupon_code"),
    ):
        answer = post(client, "preview", **body)
        assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (400, field)


@pytest.mark.parametrize("by", ["email", "phone"])
def test_a_code_is_exchanged_for_a_token(app, client, inside, jane, by):
    who = {"email": jane.email} if by == "email" else {"phone": "0712345678"}
    sent = post(client, "redemption/send-otp", **who).get_json()
    assert sent["data"] == {"expires_in_minutes": 10, "resend_after_seconds": 60}
    code = inside(newest_code, app)
    data = data_of(post(client, "redemption/verify-otp", **who, code=f"{code[:3]} {code[3:]}"))
    assert set(data) == {"redemption_token", "expires_in_minutes"}
    assert data["expires_in_minutes"] == 30
    assert len(data["redemption_token"]) >= 43


def test_sending_answers_alike_for_known_and_unknown_people(client, jane):
    answers = [post(client, "redemption/send-otp", email=email) for email in (jane.email, "nobody@example.com")]
    assert answers[0].data == answers[1].data
    assert [answer.status_code for answer in answers] == [200, 200]


def test_asking_again_at_once_is_too_often_for_known_and_unknown_alike(client, jane):
    for email in (jane.email, "nobody@example.com"):
        first, second = (post(client, "redemption/send-otp", email=email) for _ in range(2))
        assert (first.status_code, second.status_code) == (200, 429)
        assert 0 < int(second.headers["Retry-After"]) <= 60


def test_all_codes_that_are_not_good_are_refused_with_one_and_the_same_answer(app, client, inside, jane):
    never_sent = post(client, "redemption/verify-otp", email=jane.email, code="123456")
    post(client, "redemption/send-otp", email=jane.email)
    code = inside(newest_code, app)
    wrong = post(client, "redemption/verify-otp", email=jane.email, code=str((int(code) + 1) % 10**6).zfill(6))
    unknown = post(client, "redemption/verify-otp", email="nobody@example.com", code=code)
    assert post(client, "redemption/verify-otp", email=jane.email, code=code).status_code == 200
    used = post(client, "redemption/verify-otp", email=jane.email, code=code)
    for refused in (never_sent, wrong, unknown, used):
        assert (refused.status_code, refused.get_json()["code"]) == (400, "invalid_code")
        assert refused.data == never_sent.data


def test_five_wrong_tries_void_a_code(app, client, inside, jane):
    post(client, "redemption/send-otp", email=jane.email)
    code = inside(newest_code, app)
    wrong = str((int(code) + 1) % 10**6).zfill(6)
    for _ in range(5):
        assert post(client, "redemption/verify-otp", email=jane.email, code=wrong).status_code == 400
    assert post(client, "redemption/verify-otp", email=jane.email, code=code).status_code == 400


def test_one_address_has_a_limit_of_tried_codes(make_private_app):
    app = make_private_app(OTP_VERIFIES_PER_ADDRESS_10_MINUTES=3, OTP_SENDS_PER_ADDRESS_HOUR=2)
    with app.app_context():
        host = factories.make_shop().host
    client = app.test_client()

    def ask(path, number, **body):
        url = f"http://{host}{PUBLIC}/redemption/{path}"
        return client.post(url, json={"email": f"nobody{number}@example.com"} | body).status_code

    assert [ask("verify-otp", number, code="000000") for number in range(4)] == [400, 400, 400, 429]
    assert [ask("send-otp", number) for number in range(3)] == [200, 200, 429]

"""A shopper's own points, readable only with the token of a verified code."""

from datetime import timedelta

import pytest

from shop.db.tenant import use_shop
from shop.services import clock
from tests import factories
from tests.support.rows import snapshot

ACCOUNT = "/api/v1/storefront/loyalty/account"
ENTRIES = f"{ACCOUNT}/entries"
ORIGIN = "https://shop.example.com"


@pytest.fixture
def jane(inside):
    """Jane with 1,480 adjusted points."""
    return inside(factories.make_customer, points=1480)


@pytest.fixture
def token(inside, jane):
    """A token of Jane's."""
    return inside(factories.make_token, jane.id)


def get(client, path, token, **query):
    return client.get(path, query_string=query, headers={"Authorization": f"Bearer {token}"})


def data_of(answer, status=200):
    assert answer.status_code == status, answer.text
    return answer.get_json()["data"]


def test_the_token_shows_the_balance_and_its_worth_and_nothing_else(client, token):
    data = data_of(get(client, ACCOUNT, token))
    expires = data.pop("token_expires_at")
    assert expires.endswith("Z")
    assert {name: str(value) for name, value in data.items()} == {
        "points_balance": "1480",
        "worth": "14.8",
        "lifetime_earned": "0",
    }


def test_the_history_comes_in_pages_newest_first(client, inside, jane, token):
    product = inside(factories.make_product, price_cents=15800)
    order = inside(factories.place, jane, [(product, 1)], points=100).order
    inside(lambda: [factories.adjust_points(jane.id, n, "x", factories.TESTER) for n in (1, 2, 3)])
    first = data_of(get(client, ENTRIES, token, limit=3))
    assert [entry["number"] for entry in first["entries"]] == [5, 4, 3]
    assert first["older"] == 3
    rest = data_of(get(client, ENTRIES, token, limit=3, before=first["older"]))
    assert [(entry["number"], entry["type"], entry["points"]) for entry in rest["entries"]] == [
        (2, "redeem", -100),
        (1, "adjust", 1480),
    ]
    assert rest["older"] is None
    assert rest["entries"][0]["order_number"] == order.order_number
    assert (rest["entries"][0]["balance_after"], rest["entries"][0]["reason"]) == (1380, "order_redeemed")


def test_notes_of_staff_are_not_shown_to_customers(client, inside, jane, token):
    inside(factories.adjust_points, jane.id, 5, "rang in tears, 0712345678", factories.TESTER)
    answer = get(client, ENTRIES, token)
    assert answer.get_json()["data"]["entries"][0]["note"] == "Adjusted by hand"
    for personal in ("tears", "0712345678", jane.email, "Tester"):
        assert personal not in answer.text


def test_a_customer_without_points_has_none(client, inside):
    token = inside(lambda: factories.make_token(factories.make_customer().id))
    assert data_of(get(client, ACCOUNT, token))["points_balance"] == 0
    assert data_of(get(client, ENTRIES, token)) == {"entries": [], "older": None}


def test_reading_does_not_use_the_token_up(client, inside, shop, jane, token):
    before = inside(snapshot, shop.id)
    for path in (ACCOUNT, ENTRIES, ACCOUNT):
        assert get(client, path, token).status_code == 200
    assert inside(snapshot, shop.id) == before
    product = inside(factories.make_product)
    inside(factories.place, jane, [(product, 1)], points=100, token=token)
    refused = get(client, ACCOUNT, token)
    assert (refused.status_code, refused.get_json()["code"]) == (401, "invalid_redemption_token")


def test_a_token_that_opens_nothing_is_refused_alike(app, client, inside, jane, subtests):
    with app.app_context():
        other = factories.make_shop()
        use_shop(other.id)
        foreign = factories.make_token(factories.make_customer(points=5).id)

    def expired():
        with clock.moved_to(clock.now() - timedelta(minutes=31)):
            return factories.make_token(jane.id)

    bodies = set()
    for name, bad in {"another shop's": foreign, "expired": inside(expired), "made up": "x" * 43, "odd": "é"}.items():
        for path in (ACCOUNT, ENTRIES):
            with subtests.test(f"{name} {path}"):
                answer = get(client, path, bad)
                assert (answer.status_code, answer.get_json()["code"]) == (401, "invalid_redemption_token")
                bodies.add(answer.data)
    assert len(bodies) == 1


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic Y2s6Y3M=", "Token abc"])
def test_without_a_token_one_is_required(client, header):
    answer = client.get(ACCOUNT, headers={"Authorization": header} if header is not None else {})
    assert (answer.status_code, answer.get_json()["code"]) == (401, "redemption_token_required")
    assert "WWW-Authenticate" not in answer.headers  # a browser would ask the shopper for a password


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 101}, {"before": 0}, {"before": 2**63}, {"limit": "x"}])
def test_a_page_that_cannot_be_is_refused(client, token, query):
    assert get(client, ENTRIES, token, **query).status_code == 400


def test_one_token_reads_sixty_times_a_minute(client, inside, jane, token):
    answers = [get(client, ACCOUNT, token) for _ in range(61)]
    assert [answer.status_code for answer in answers] == [200] * 60 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert get(client, ACCOUNT, inside(factories.make_token, jane.id)).status_code == 200


def test_a_page_of_an_allowed_origin_may_send_the_header(client, api):
    assert api.put("/settings/shop/allowed_origins", {"value": ORIGIN}).status_code == 200
    answer = client.options(ACCOUNT, headers={"Origin": ORIGIN, "Access-Control-Request-Method": "GET"})
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"].split(", ")

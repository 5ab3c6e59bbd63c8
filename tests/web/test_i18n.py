"""The language of a request: by URL, by browser, by shop for customers, by member for staff."""

import pytest

from tests import factories
from tests.support.contract import CheckedClient

NO_ORDER = {"en": "There is no such order.", "sw": "Hakuna oda kama hiyo."}


@pytest.mark.parametrize(
    ("asked", "language"),
    [(None, "en"), ("sw", "sw"), ("sw-KE, en;q=0.5", "sw"), ("en-GB, sw;q=0.9", "en"), ("fr, de", "en"), ("*", "en")],
)
def test_the_api_answers_in_the_language_of_the_header(api, asked, language):
    answer = api.get("/api/v1/orders/999999", headers={"Accept-Language": asked} if asked else {})
    assert (answer.status_code, answer.json["message"]) == (404, NO_ORDER[language])
    assert answer.headers["Content-Language"] == language
    assert "Accept-Language" in answer.vary


def test_codes_and_fields_of_an_error_are_the_same_in_every_language(api):
    english = api.post("/api/v1/customers", json={"email": "x"})
    swahili = api.post("/api/v1/customers", json={"email": "x"}, headers={"Accept-Language": "sw"})
    assert english.json["code"] == swahili.json["code"]
    assert [error["field"] for error in english.json["errors"]] == [error["field"] for error in swahili.json["errors"]]
    assert swahili.json["errors"][0]["message"] == "lazima iwe barua pepe kama jane@example.com"


@pytest.mark.parametrize(
    ("query", "asked", "language"),
    [("", "sw", "sw"), ("?lang=sw", "en", "sw"), ("?lang=en", "sw", "en"), ("?lang=xx", "sw", "sw"), ("", "en", "en")],
)
def test_visitors_get_the_language_of_the_address_or_of_their_browser(client, query, asked, language):
    page = client.get(f"/staff/sign-in{query}", headers={"Accept-Language": asked}).text
    assert f'<html lang="{language}"' in page
    assert ("Nenosiri" in page) == (language == "sw")


@pytest.fixture
def swahili_shop(app):
    with app.app_context():
        return factories.make_shop(customer_language="sw")


@pytest.mark.parametrize(
    ("query", "asked", "language"), [("", None, "sw"), ("", "en-US", "sw"), ("?lang=en", None, "en"), ("", "fr", "sw")]
)
def test_customers_get_the_shops_language(app, swahili_shop, query, asked, language):
    client = CheckedClient.at(app, swahili_shop.host)
    headers = {"Accept-Language": asked} if asked else {}
    found = client.get(f"/api/v1/storefront/widget-texts{query}", headers=headers).json["data"]
    assert found["language"] == language
    assert found["texts"]["button"] == {"en": "Points", "sw": "Pointi"}[language]
    around = client.get(f"/checkout/{swahili_shop.slug}/texts{query}", headers=headers)
    assert around.json["close"] == {"en": "Close", "sw": "Funga"}[language]
    assert around.headers["Access-Control-Allow-Origin"] == "*"


def test_a_browser_that_asks_for_swahili_gets_it_in_an_english_shop(client):
    found = client.get("/api/v1/storefront/widget-texts", headers={"Accept-Language": "sw"})
    assert found.json["data"]["language"] == "sw"

"""Lists have ``Link`` to their neighbours; lists and public configuration have an ``ETag`` and may return 304."""

import pytest

from tests import factories


@pytest.fixture
def three(inside):
    """A shop with three customers, each with an entry in the ledger."""
    for number in range(3):
        inside(factories.make_customer, f"jane{number}@example.com", points=100)


def links(answer):
    """The targets by relation, without the host."""
    found = {}
    for part in answer.headers["Link"].split(", "):
        target, rel = part.split("; ")
        found[rel.removeprefix('rel="').rstrip('"')] = target.strip("<>").partition("/api/v1")[2]
    return found


@pytest.mark.usefixtures("three")
def test_a_page_names_the_pages_beside_it(api):
    assert links(api.get("/customers?limit=2&search=jane")) == {
        "first": "/customers?limit=2&search=jane&page=1",
        "next": "/customers?limit=2&search=jane&page=2",
        "last": "/customers?limit=2&search=jane&page=2",
    }
    assert links(api.get("/customers?limit=1&page=2")) == {
        "first": "/customers?limit=1&page=1",
        "prev": "/customers?limit=1&page=1",
        "next": "/customers?limit=1&page=3",
        "last": "/customers?limit=1&page=3",
    }


@pytest.mark.usefixtures("three")
def test_following_next_meets_each_row_once_by_page_and_by_cursor(api):
    first = api.get("/customers?limit=1").json["data"]
    for start in ("/customers?limit=1", f"/customers?limit=1&cursor={first['next_cursor']}"):
        met, path = [], start
        while path:
            answer = api.get(path)
            met += [customer["email"] for customer in answer.json["data"]["customers"]]
            path = links(answer).get("next")
        assert sorted(met, reverse=True) == met
        assert len(met) == (3 if "cursor" not in start else 2)


@pytest.mark.usefixtures("three")
def test_a_list_by_offset_names_offsets(api):
    assert links(api.get("/marketing/loyalty/ledger?limit=2")) == {
        "first": "/marketing/loyalty/ledger?limit=2&offset=0",
        "next": "/marketing/loyalty/ledger?limit=2&offset=2",
        "last": "/marketing/loyalty/ledger?limit=2&offset=2",
    }


@pytest.mark.parametrize("path", ["/customers", "/orders", "/products", "/marketing/coupons"])
def test_an_empty_list_is_its_own_first_and_last_page(api, path):
    assert links(api.get(path)) == {"first": f"{path}?page=1", "last": f"{path}?page=1"}


def test_a_list_that_is_the_same_is_304_and_one_that_changed_is_sent(api, inside):
    tag = api.get("/customers").headers["ETag"]
    unchanged = api.get("/customers", headers={"If-None-Match": tag})
    assert (unchanged.status_code, unchanged.data, unchanged.headers["ETag"]) == (304, b"", tag)
    inside(factories.make_customer, "jane@example.com")
    changed = api.get("/customers", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


@pytest.mark.parametrize(
    "path",
    ["/events", "/settings", "/categories", "/branches", "/shipping-methods", "/webhook-endpoints"],
)
def test_every_list_of_staff_has_an_etag(api, path):
    tag = api.get(path).headers["ETag"]
    assert api.get(path, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.usefixtures("three")
def test_events_name_the_place_to_go_on_from(api):
    met, path = [], "/events?type=customer.*&limit=2"
    while path:
        answer = api.get(path)
        met += [event["sequence"] for event in answer.json["data"]["events"]]
        path = links(answer).get("next")
    assert (len(met), sorted(met)) == (3, met)


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    "path",
    [
        *("settings", "loyalty/config", "widget-texts", "categories", "products", "checkout/payment-gateways"),
        "products/by-ids?ids=1",
    ],
)
def test_public_configuration_has_an_etag(client, path):
    tag = client.get(f"/api/v1/storefront/{path}").headers["ETag"]
    answer = client.get(f"/api/v1/storefront/{path}", headers={"If-None-Match": tag})
    assert answer.status_code == 304
    assert answer.headers["Cache-Control"] == "no-cache"

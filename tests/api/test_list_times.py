"""Lists by time: created from and to, whole days of the shop, changed since, sorted by the last change."""

from datetime import UTC, datetime

import pytest

from shop.services import clock
from tests import factories

LATE = datetime(2026, 3, 10, 20, 59, tzinfo=UTC)
"""23:59 on 10 March in Nairobi."""
NEXT = datetime(2026, 3, 10, 21, 0, tzinfo=UTC)
"""00:00 on 11 March in Nairobi."""


def made_at(moment, name):
    with clock.moved_to(moment):
        customer = factories.make_customer(f"{name}@example.com")
        factories.make_order(customer, external_id=name, order_date=moment)
        factories.make_product(name)
        factories.make_coupon(name.upper())


@pytest.fixture
def days(inside):
    """A record of each kind on both sides of a midnight in Nairobi."""
    inside(made_at, LATE, "late")
    inside(made_at, NEXT, "next")


LISTS = {
    "/customers": ("customers", lambda row: row["email"].partition("@")[0]),
    "/orders": ("orders", lambda row: row["external_id"]),
    "/products": ("products", lambda row: row["name"]),
    "/marketing/coupons": ("coupons", lambda row: row["code"].lower()),
}


def names(api, path, query):
    key, name = LISTS[path]
    answer = api.get(f"{path}?{query}")
    assert answer.status_code == 200, answer.text
    data = answer.json["data"]
    assert data["total"] == len(data[key])
    return sorted(name(row) for row in data[key])


@pytest.mark.usefixtures("days")
@pytest.mark.parametrize("path", LISTS)
def test_a_day_is_the_whole_day_of_the_shop(api, path):
    assert names(api, path, "from=2026-03-10&to=2026-03-10") == ["late"]
    assert names(api, path, "from=2026-03-11") == ["next"]
    assert names(api, path, "to=2026-03-10T21:00:00Z") == ["late"]
    assert names(api, path, "from=2026-03-10T20:59:00Z&to=2026-03-11") == ["late", "next"]


@pytest.mark.usefixtures("days")
@pytest.mark.parametrize("path", LISTS)
def test_what_changed_since_is_found_and_sorted_by_the_change(api, path):
    key, name = LISTS[path]
    assert names(api, path, "updated_since=2026-03-11") == ["next"]
    rows = api.get(f"{path}?updated_since=2026-03-10&sort=updated_at").json["data"][key]
    assert [name(row) for row in rows] == ["late", "next"]


@pytest.mark.usefixtures("days")
def test_counted_stock_changes_the_product(api, inside):
    with clock.moved_to(LATE):
        product = inside(factories.make_product, "counted", stock=5)
    with clock.moved_to(datetime(2026, 5, 1, tzinfo=UTC)):
        assert api.post(f"/products/{product.id}/stock", {"change": -1, "reason": "Broken"}).status_code == 200
    assert names(api, "/products", "updated_since=2026-05-01") == ["counted"]


@pytest.mark.usefixtures("days")
def test_an_order_changes_its_customer_too(api, inside):
    customer = api.get("/customers?search=late").json["data"]["customers"][0]
    with clock.moved_to(datetime(2026, 5, 1, tzinfo=UTC)):
        sold = {"customer_id": customer["id"], "subtotal": "100.00", "payment_status": "paid"}
        assert api.post("/orders", sold).status_code == 201
    assert names(api, "/customers", "updated_since=2026-05-01") == ["late"]
    data = api.get("/orders?updated_since=2026-05-01").json["data"]
    assert [order["total"] for order in data["orders"]] == ["100.00"]


@pytest.mark.usefixtures("days")
def test_the_ledger_is_read_from_either_end(api):
    first = api.get("/customers?search=late").json["data"]["customers"][0]["id"]
    for points in (5, 7):
        api.post("/marketing/loyalty/adjust", {"customer_id": first, "points": points, "note": "Welcome"})
    for sort, expected in (("created_at", [5, 7]), ("-created_at", [7, 5])):
        entries = api.get(f"/marketing/loyalty/ledger?sort={sort}").json["data"]["entries"]
        assert [entry["points"] for entry in entries] == expected


@pytest.mark.usefixtures("days")
def test_a_plus_that_was_not_escaped_is_still_an_offset(api):
    for offset in ("+03:00", "%2B03:00"):
        assert names(api, "/orders", f"from=2026-03-11T00:00:00{offset}") == ["next"]
    assert names(api, "/orders", "from=2026-03-10 20:30:00Z") == ["late", "next"]


@pytest.mark.parametrize("query", ["from=yesterday", "to=2026-13-01", "updated_since=10.3.2026"])
@pytest.mark.parametrize("path", LISTS)
def test_what_is_no_time_is_refused_by_name(api, path, query):
    refused = api.get(f"{path}?{query}")
    assert refused.status_code == 400
    assert refused.json["errors"][0]["field"] == query.partition("=")[0]


@pytest.mark.parametrize("path", ["/customers", "/orders", "/products", "/marketing/coupons"])
def test_a_wrong_time_or_sort_order_is_told_what_is_right(api, path):
    for wrong in ("tomorrow", "2026-02-30", "2026-11-20T00:00:00"):
        refused = api.get(f"{path}?updated_since={wrong}")
        assert refused.status_code == 400
        assert "a day such as 2026-01-15 or a time with its zone" in refused.json["message"]
    assert "sort must be one of" in api.get(f"{path}?sort=colour").json["message"]
    assert ", updated_at" in api.get(f"{path}?sort=-colour").json["message"]

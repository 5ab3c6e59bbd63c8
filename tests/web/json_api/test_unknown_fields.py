"""Unknown fields of a request are named, and refused on request."""

import pytest

from tests import factories

STRICT = {"Prefer": "return=minimal, handling=strict; wait=1"}


@pytest.fixture
def line(inside):
    return {"product_id": inside(factories.make_product).id, "quantity": 1}


def preview(client, line, headers=None, **more):
    body = {"email": "jane@example.com", "items": [line]} | more
    return client.post("/api/v1/storefront/loyalty/preview", json=body, headers=headers or {})


def test_unknown_fields_are_named_wherever_they_are(client, line):
    answer = preview(client, line | {"weight": 1}, colour="red", größe=1)
    assert answer.status_code == 200
    assert answer.headers["X-Ignored"] == "items[0].weight, colour, gr%C3%B6%C3%9Fe"
    assert "Preference-Applied" not in answer.headers


def test_a_request_without_unknown_fields_has_no_header(client, line):
    answer = preview(client, line, headers=STRICT)
    assert answer.status_code == 200
    assert "X-Ignored" not in answer.headers
    assert answer.headers["Preference-Applied"] == "handling=strict"


def test_strict_handling_refuses_them_by_name(client, line):
    answer = preview(client, line | {"weight": 1}, headers=STRICT, colour="red")
    assert answer.status_code == 400
    assert answer.json["code"] == "unknown_field"
    assert [error["field"] for error in answer.json["errors"]] == ["items[0].weight", "colour"]


def test_query_parameters_count_too(api):
    assert api.get("/orders?per_page=5").headers["X-Ignored"] == "per_page"
    refused = api.get("/orders?customer=2", headers=STRICT)
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "customer")


def test_other_names_of_a_field_are_known(client, api, inside):
    body = {"type": "shipping", "address_1": "Westlands Road", "city": "Nairobi", "postal_code": "00100"}
    inside(factories.make_customer, "jane@example.com", password=factories.PASSWORD)
    client.post("/api/v1/storefront/auth/login", json={"email": "jane@example.com", "password": factories.PASSWORD})
    answer = client.post("/api/v1/storefront/customer/addresses", json=body, headers=STRICT)
    assert answer.status_code == 201


def test_a_long_list_of_names_is_cut(client, line):
    answer = preview(client, line, **{f"field_{number}": 1 for number in range(100)} | {"x" * 5000: 1})
    assert answer.status_code == 200
    assert len(answer.headers["X-Ignored"]) < 4000


@pytest.mark.parametrize(
    ("method", "path", "body", "names"),
    [
        ("GET", "/branches?colour=red&page=1", None, ["colour", "page"]),
        ("POST", "/categories?colour=red", {"name": "Unga"}, ["colour"]),
        ("POST", "/customers/merges/1/undo", {"colour": "red"}, ["colour"]),
    ],
)
def test_what_an_endpoint_does_not_read_at_all_is_unknown_too(api, method, path, body, names):
    sent = {} if body is None else {"json": body}
    refused = api.call(method, path, headers=STRICT, **sent)
    assert (refused.status_code, refused.json["code"]) == (400, "unknown_field")
    assert [error["field"] for error in refused.json["errors"]] == names
    assert api.call(method, path, **sent).headers["X-Ignored"] == ", ".join(names)


@pytest.mark.parametrize(
    ("path", "field", "row"),
    [
        ("/orders/batch", "orders", {"customer_email": "jane@example.com", "subtotal": "1.00"}),
        ("/customers/import", "rows", {"email": "jane@example.com"}),
    ],
)
def test_rows_are_named_by_their_place(api, path, field, row):
    answer = api.post(path, {field: [row, row | {"colour": "red"}]})
    assert answer.headers["X-Ignored"] == f"{field}[1].colour"
    strict = api.call("POST", path, json={field: [row | {"colour": "red"}]}, headers=STRICT)
    assert "unknown" in strict.text

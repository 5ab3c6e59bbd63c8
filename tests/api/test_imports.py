"""Imports of files by the API."""

import io

import pytest

from shop.services.approvals.requests import request_import
from shop.services.imports.work import work_on_imports


def work():
    while work_on_imports(request_import):
        pass


def test_a_file_is_checked_applied_and_undone(api, inside):
    rows = b"Item,Price\nMaziwa,120\nTea,ten\n"
    form = {
        "kind": "products",
        "file": (io.BytesIO(rows), "goods.csv"),
        "mapping": '{"Item": "name", "Price": "price"}',
    }
    answer = api.call("POST", "/imports", data=form, content_type="multipart/form-data")
    assert answer.status_code == 202
    made = answer.json["data"]["import"]
    assert (made["state"], made["filename"], made["total_rows"], made["done_rows"]) == ("checking", "goods.csv", 2, 0)
    path = f"/imports/{made['id']}"
    inside(work)
    checked = api.get(path).json["data"]["import"]
    assert (checked["state"], checked["done_rows"]) == ("checked", 2)
    assert checked["counts"] == {"new": 1, "changed": 0, "unchanged": 0, "skipped": 0, "refused": 1}
    refused = api.get(f"{path}/rows?verdict=refused").json["data"]["rows"]
    assert [(row["row"], row["message"]) for row in refused] == [(2, "price cannot be read: ten.")]
    assert api.get("/products").json["data"]["total"] == 0
    assert api.post(f"{path}/apply").status_code == 202
    inside(work)
    assert [one["name"] for one in api.get("/products").json["data"]["products"]] == ["Maziwa"]
    assert api.post(f"{path}/apply").json["code"] == "import_state"
    assert api.post(f"{path}/undo").status_code == 202
    inside(work)
    assert api.get(path).json["data"]["import"]["state"] == "undone"
    assert api.get("/products").json["data"]["total"] == 0


TWICE = (
    ("Item,Price,Price", "", "file has two columns with the heading Price."),
    ("A,B", '{"A": "name", "B": "name"}', "mapping has two columns for Name."),
    ("A,A", '{"A": "name"}', "mapping has two columns for Name."),
    ("A,B", '{"A": "name", "A": "price"}', "with each heading once."),
)


@pytest.mark.parametrize(("headings", "mapping", "message"), TWICE)
def test_two_columns_of_one_field_are_refused(api, headings, mapping, message):
    form = {
        "kind": "products",
        "mapping": mapping,
        "file": (io.BytesIO(f"{headings}\nTea,1,2\n".encode()), "goods.csv"),
    }
    form = {name: value for name, value in form.items() if value}
    answer = api.call("POST", "/imports", data=form, content_type="multipart/form-data")
    assert (answer.status_code, answer.json["message"].endswith(message)) == (400, True), answer.json


def test_a_form_that_cannot_be_read_is_refused(api):
    for fields in ({"kind": "coupons"}, {"kind": "products"}, {"kind": "products", "mapping": "{"}):
        answer = api.call("POST", "/imports", data=fields, content_type="multipart/form-data")
        assert answer.status_code == 400

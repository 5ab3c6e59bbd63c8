"""Pages of imports: upload, columns, verdicts, importing, undoing, files to download."""

import io

import pytest

from shop.services.approvals.requests import request_import
from shop.services.imports.work import work_on_imports
from shop.services.shops.settings import change_settings
from tests import factories
from tests.factories import TESTER

FILE = (
    "Jina kamili;Simu;Barua pepe\nWanjiku Njenga;0722 576328;wanjiku.n@example.com\n<b>Ann</b>;12;ann.k@example.com\n"
)


def work():
    while work_on_imports(request_import):
        pass


def upload(staff, text=FILE, kind="customers"):
    data = {"csrf_token": staff.token(), "kind": kind}
    data["file"] = (io.BytesIO(text.encode()), "wateja.csv")
    return staff.client.post("/staff/imports", data=data, content_type="multipart/form-data")


@pytest.fixture
def uploaded(staff):
    """The path of an import whose columns are to be matched."""
    answer = upload(staff)
    assert answer.status_code == 303
    return answer.location


def test_a_file_is_uploaded_matched_checked_imported_and_undone(staff, inside, uploaded):
    page = staff.get(uploaded).text
    assert "Wanjiku Njenga" in page
    assert '<option value="phone" selected>' in page
    fields = {"column-0": "name", "column-1": "phone", "column-2": "email", "phones_verified": "1"}
    assert staff.send(f"{uploaded}/columns", **fields).status_code == 303
    assert 'hx-trigger="every 2s"' in staff.get(uploaded).text
    inside(work)
    page = staff.get(uploaded).text
    assert 'hx-trigger="every 2s"' not in page
    assert "Simu: must be a phone number" in page
    assert "&lt;b&gt;Ann&lt;/b&gt;" in page
    assert "Wanjiku" not in staff.get(f"{uploaded}?verdict=refused").text.partition('id="import"')[2]
    refused = staff.get(f"{uploaded}/refused.csv").text.splitlines()
    assert refused[0].endswith("Jina kamili,Simu,Barua pepe,Problem")
    assert len(refused) == 2
    staff.send(f"{uploaded}/apply")
    inside(work)
    assert "Wanjiku Njenga" in staff.get("/staff/customers").text
    assert "Are you sure?" in staff.send(f"{uploaded}/undo").text
    assert staff.send(f"{uploaded}/undo", sure="1").status_code == 303
    inside(work)
    assert "Undone" in staff.get(uploaded).text
    assert "Wanjiku Njenga" not in staff.get("/staff/customers").text
    assert "wateja.csv" in staff.get("/staff/imports").text


def test_unreadable_or_unmatched_values_are_shown_with_the_form(staff, uploaded):
    for text in ("", "email\n"):
        answer = upload(staff, text)
        assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)
    answer = staff.send(f"{uploaded}/columns", **{"column-0": "email", "column-1": "email"})
    assert (answer.status_code, "two columns" in answer.text) == (422, True)
    assert staff.send(f"{uploaded}/columns").status_code == 422
    assert staff.send(f"{uploaded}/apply").status_code == 409


def test_files_to_fill_in_can_be_imported(staff, inside):
    inside(change_settings, {"shop_country": "JP"}, TESTER)
    for kind in ("customers", "products"):
        template = staff.get(f"/staff/imports/template.csv?kind={kind}").text.lstrip("\ufeff")
        path = upload(staff, template, kind).location
        fields = {f"column-{n}": name for n, name in enumerate(template.splitlines()[0].split(","))}
        staff.send(f"{path}/columns", **fields)
        inside(work)
        assert "Import 1 row" in staff.get(path).text


def test_a_large_file_is_taken_only_from_who_is_signed_in(app, staff, visitor, monkeypatch):
    text = "email,name\n" + "".join(f"c{n}@example.com,{'x' * 60}\n" for n in range(500))
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 20_000)  # a larger form would be kept in a file by the client
    assert len(text) > 20_000
    assert upload(staff, text).status_code == 303
    data = {"csrf_token": visitor.token(), "kind": "customers", "file": (io.BytesIO(text.encode()), "big.csv")}
    assert visitor.client.post("/staff/imports", data=data, content_type="multipart/form-data").status_code == 413


def test_empty_lists_teach_and_lists_link_to_them(staff, inside):
    assert "Import your data" in staff.get("/staff/imports").text
    inside(factories.make_product, "Maziwa")
    assert "/staff/imports?kind=products" in staff.get("/staff/products").text
    assert "/staff/imports?kind=customers" in staff.get("/staff/customers").text

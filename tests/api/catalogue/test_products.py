"""Products and categories in the admin API, and what storefronts see of them."""

import io

import pytest

from shop.services.catalogue.branches import save_branch
from tests import factories
from tests.support.pictures import photo

ADMIN, PUBLIC = "/api/v1", "/api/v1/storefront"


@pytest.fixture
def make(api):
    """A function that adds a product by the API and returns it."""

    def add(**fields):
        response = api.post(f"{ADMIN}/products", json={"name": "Maziwa", "price": "120.00"} | fields)
        assert response.status_code == 201, response.json
        return response.json["data"]["product"]

    return add


def test_a_product_made_by_api_is_on_the_storefront(api, client, shop, make):
    dairy = api.post(f"{ADMIN}/categories", json={"name": "Dairy"}).json["data"]["category"]
    made = make(
        sku="MLK", category_ids=[dairy["id"]], variants=[{"options": {"Size": "1 l"}, "price": 200}], cost="80.00"
    )
    assert (made["slug"], made["cost"], made["variants"][0]["name"]) == ("maziwa", "80.00", "1 l")
    listed = client.get(f"{PUBLIC}/products?category=dairy", base_url=shop.url).json["data"]["products"]
    assert [(one["name"], one["variants"][0]["price"]) for one in listed] == [("Maziwa", "200.00")]
    assert "cost" not in listed[0]
    assert client.get(f"{PUBLIC}/products?category=soap", base_url=shop.url).json["data"]["total"] == 0
    shown = client.get(f"{PUBLIC}/categories", base_url=shop.url).json["data"]["categories"]
    assert [one["slug"] for one in shown] == ["dairy"]


def test_hidden_products_are_only_in_the_admin_list(api, client, shop, make):
    make(status="hidden")
    make(status="draft")
    assert client.get(f"{PUBLIC}/products", base_url=shop.url).json["data"]["total"] == 0
    listed = api.get(f"{ADMIN}/products?status=hidden").json["data"]
    assert (listed["total"], {one["status"] for one in listed["products"]}) == (2, {"hidden"})


def test_the_list_is_searched_by_codes_and_tags_and_sorted(api, make):
    make(name="Bread", price="60.00", tags=["bakery"])
    make(name="Milk", price="120.00", barcode="6161", variants=[{"name": "1 l", "sku": "MLK-1", "price": 200}])
    make(name="Ädna tea", price="90.00")

    def names(query):
        return [one["name"] for one in api.get(f"{ADMIN}/products?{query}").json["data"]["products"]]

    assert names("search=mlk-1") == names("search=6161") == ["Milk"]
    assert names("search=bakery") == ["Bread"]
    assert names("search=adna") == ["Ädna tea"]
    assert names("sort=price") == ["Bread", "Ädna tea", "Milk"]
    assert names("sort=name") == ["Ädna tea", "Bread", "Milk"]
    assert names("limit=2&page=2") == ["Bread"]
    assert names("updated_since=2099-01-01T00:00:00Z") == []


def test_the_sku_of_an_upsert_is_found_in_either_case(api, make):
    product = make(name="Bread", sku="brd-1")
    answer = api.put(f"{ADMIN}/products", json={"external_id": "E1", "sku": "BRD-1", "name": "Bread", "price": 1})
    assert answer.json["data"]["product"]["id"] == product["id"]


def test_codes_of_others_are_refused_with_their_name(api, make):
    make(name="Bread", sku="A1")
    refused = api.post(f"{ADMIN}/products", json={"name": "Milk", "price": 1, "sku": "A1"})
    assert (refused.status_code, refused.json["code"]) == (409, "sku_taken")
    assert refused.json["message"] == "Bread has the SKU A1."


def test_fields_that_are_not_given_stay(api, make):
    made = make(sale_price="99.50", tags=["fresh"], track_stock=True, stock_quantity=4)
    changed = api.patch(f"{ADMIN}/products/{made['id']}", json={"price": "130.00"}).json["data"]["product"]
    assert changed | {"price": "120.00", "updated_at": made["updated_at"]} == made
    assert api.put(f"{ADMIN}/products/{made['id']}", json={"name": "Mala"}).status_code == 400


def test_stock_is_changed_with_a_reason_and_not_below_zero(api, make):
    made = make(stock_quantity=4)
    path = f"{ADMIN}/products/{made['id']}/stock"
    data = api.post(path, json={"change": -3, "reason": "Broken"}).json["data"]
    assert (data["stock_quantity"], data["movement"]["kind"], data["movement"]["reason"]) == (1, "adjustment", "Broken")
    refused = api.post(path, json={"change": -2, "reason": "Broken"})
    assert (refused.status_code, refused.json["code"]) == (400, "stock_below_zero")


def test_stock_moves_between_branches(api, make, inside):
    made, westlands = make(stock_quantity=4), inside(save_branch, None, "Westlands", factories.TESTER)
    branches = api.get(f"{ADMIN}/branches").json["data"]["branches"]
    assert [(one["name"], one["is_default"]) for one in branches] == [("Main branch", True), ("Westlands", False)]
    path, body = f"{ADMIN}/products/{made['id']}/stock/transfer", {"to_branch_id": westlands.id, "reason": "Van"}
    data = api.post(path, json=body | {"quantity": 3}).json["data"]
    moved = [(one["branch_id"], one["change"]) for one in data["movements"]]
    assert (data["stock_quantity"], moved) == (4, [(branches[0]["id"], -3), (westlands.id, 3)])
    refused = api.post(path, json=body | {"quantity": 2})
    assert (refused.status_code, refused.json["code"]) == (400, "stock_below_zero")


def test_pictures_are_added_ordered_and_deleted(api, client, shop, make):
    made = make()
    path = f"{ADMIN}/products/{made['id']}/images"

    def add(width, alt):
        form = {"image": (io.BytesIO(photo(width, 300, place="Nairobi")), "a.jpg"), "alt": alt}
        return api.post(path, data=form, content_type="multipart/form-data").json["data"]["image"]

    first, second = add(200, "Front"), add(400, "Back")
    assert (first["alt"], first["width"], first["height"]) == ("Front", 300, 200)
    ordered = api.put(f"{path}/order", json={"image_ids": [second["id"], first["id"]]}).json["data"]["images"]
    assert [image["alt"] for image in ordered] == ["Back", "Front"]
    shown = client.get(f"{PUBLIC}/products/{made['slug']}", base_url=shop.url).json["data"]["product"]["images"]
    assert shown == [second["url"], first["url"]]
    file = client.get(shown[0].removeprefix(client.application.config["PUBLIC_URL"]))
    assert (file.status_code, file.mimetype) == (200, "image/webp")
    assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert b"Nairobi" not in file.data
    assert api.delete(f"{path}/{second['id']}").status_code == 200
    assert client.get(shown[0].removeprefix(client.application.config["PUBLIC_URL"])).status_code == 404
    assert len(api.get(f"{ADMIN}/products/{made['id']}").json["data"]["product"]["images"]) == 1


@pytest.mark.parametrize("data", [b"", b"GIF89a", photo()[:200]])
def test_what_is_no_picture_is_refused(api, make, data):
    path = f"{ADMIN}/products/{make()['id']}/images"
    form = {"image": (io.BytesIO(data), "a.jpg")}
    refused = api.post(path, data=form, content_type="multipart/form-data")
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "image")


def test_a_sold_product_is_archived_and_an_unsold_one_deleted(api, inside, make):
    sold, unsold = inside(factories.make_product), make()
    inside(lambda: factories.place(factories.make_customer(), [(sold, 1)]))
    assert api.delete(f"{ADMIN}/products/{sold.id}").json["message"] == "Product archived"
    assert api.get(f"{ADMIN}/products/{sold.id}").json["data"]["product"]["status"] == "archived"
    assert api.delete(f"{ADMIN}/products/{unsold['id']}").json["message"] == "Product deleted"
    assert api.get(f"{ADMIN}/products/{unsold['id']}").status_code == 404


def test_keys_of_metadata_differ_in_what_can_be_seen(api, make):
    assert make(metadata={" she\u200blf": "B4"})["metadata"] == {"shelf": "B4"}
    for keys in ({"a": 1, "a\u200b": 2}, {"\u00e9": 1, "e\u0301": 2}, {"\u2060": 1}):
        refused = api.post(f"{ADMIN}/products", json={"name": "Tea", "price": "1", "metadata": keys})
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "metadata")

"""Products on staff pages: the list, a product with variants, pictures and stock, and categories."""

import io

import pytest

from shop.services.catalogue.categories import list_categories
from shop.services.catalogue.products.records import get_product
from tests import factories
from tests.support.csrf import csrf_token
from tests.support.pictures import photo

MILK = {"name": "Maziwa Lala", "price": "120.00", "status": "active"}


@pytest.fixture
def staff(client, inside):
    """A client signed in as a manager."""
    member = inside(factories.make_staff, role="manager")
    client.post(
        "/staff/sign-in",
        data={"csrf_token": csrf_token(client), "email": member.email, "password": factories.PASSWORD},
    )
    return client


@pytest.fixture
def post(staff):
    """A function that submits a form of a page."""

    def send(path, **fields):
        return staff.post(path, data=fields | {"csrf_token": csrf_token(staff)})

    return send


def test_an_empty_list_teaches_what_to_do(staff):
    assert "Add what you sell" in staff.get("/staff/products").text


def test_a_product_with_two_variants_is_added(staff, post, inside):
    rows = {"variant-count": "3"}
    rows |= {"variant-0-options": "Size: 500 ml", "variant-0-price": "65", "variant-0-stock": "4"}
    rows |= {"variant-1-options": "Size: 1 l", "variant-1-price": "120"}
    answer = post("/staff/products/new", **MILK, **rows, tags="fresh, local")
    assert answer.status_code == 303
    product_id = int(answer.location.rpartition("/")[2])
    product = inside(get_product, product_id)
    assert [(one.name, one.price_cents, one.stock_quantity) for one in product.variants] == [
        ("500 ml", 6500, 4),
        ("1 l", 12000, None),
    ]
    page = staff.get(f"/staff/products/{product_id}").text
    assert "Size: 500 ml" in page
    assert "fresh, local" in page
    assert "Maziwa Lala" in staff.get("/staff/products?q=lala").text


def test_another_row_is_added_without_losing_what_was_typed(post):
    answer = post("/staff/products/new", **MILK, add_variant="1")
    assert answer.status_code == 200
    assert 'value="Maziwa Lala"' in answer.text
    assert 'name="variant-0-options"' in answer.text


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": ""}, "Enter a name"),
        ({"price": "much"}, "Enter an amount such as 245.00"),
        ({"variant-count": "1", "variant-0-price": "1"}, "Enter an option such as Size: 1 l"),
        ({"variant-count": "1", "variant-0-options": "1 l"}, "Enter a price"),
        (
            {"sale_starts_at": "2026-02-01T10:00", "sale_ends_at": "2026-01-01T10:00"},
            "Must be after the start of the sale",
        ),
    ],
)
def test_errors_are_shown_at_their_field(post, fields, says):
    answer = post("/staff/products/new", **(MILK | fields))
    assert (answer.status_code, says in answer.text) == (422, True)


def test_a_code_that_another_product_has_is_refused_by_name(post, inside):
    inside(factories.make_product, "Bread", sku="A1")
    answer = post("/staff/products/new", **MILK, sku="A1")
    assert (answer.status_code, "Bread has the SKU A1." in answer.text) == (422, True)


def test_saving_keeps_variants_by_their_ids_and_removes_marked_ones(post, inside):
    product = inside(factories.make_product)
    first, second = (inside(factories.make_variant, product, name) for name in ("500 ml", "1 l"))
    rows = {"variant-count": "2", "variant-0-remove": "1"}
    for place, one in enumerate((first, second)):
        rows |= {
            f"variant-{place}-id": str(one.id),
            f"variant-{place}-options": one.name,
            f"variant-{place}-price": "90",
        }
    assert post(f"/staff/products/{product.id}", **MILK, **rows).status_code == 303
    assert [(one.id, one.price_cents) for one in inside(get_product, product.id).variants] == [(second.id, 9000)]


def test_stock_is_received_counted_and_never_below_zero(post, inside):
    product = inside(factories.make_product, stock=5)
    path = f"/staff/products/{product.id}/stock"
    post(path, article="0", kind="add", pieces="7", reason="Delivery")
    post(path, article="0", kind="count", pieces="10", reason="Stock take")
    assert inside(get_product, product.id).stock_quantity == 10
    answer = post(path, article="0", kind="remove", pieces="11", reason="Broken")
    assert (answer.status_code, "Would make the stock less than 0" in answer.text) == (422, True)
    assert "Stock take" in answer.text


def test_pictures_are_added_moved_and_deleted(post, inside):
    product = inside(factories.make_product)
    path = f"/staff/products/{product.id}/images"
    for alt in ("Front", "Back"):
        assert post(path, image=(io.BytesIO(photo(60, 40)), "a.jpg"), alt=alt).status_code == 303
    back = inside(get_product, product.id).pictures[1]
    post(f"{path}/{back.id}", earlier="1")
    assert [one.alt for one in inside(get_product, product.id).pictures] == ["Back", "Front"]
    post(f"{path}/{back.id}", delete="1")
    assert [one.alt for one in inside(get_product, product.id).pictures] == ["Front"]
    refused = post(path, image=(io.BytesIO(b"no picture"), "a.jpg"))
    assert (refused.status_code, "Must be a picture" in refused.text) == (422, True)


def test_a_product_is_copied_hidden_and_deleted(post, inside):
    product = inside(factories.make_product, "Bread", sku="A1")
    copied = inside(get_product, int(post(f"/staff/products/{product.id}/duplicate").location.rpartition("/")[2]))
    assert (copied.name, copied.status, copied.sku) == ("Bread (copy)", "hidden", "")
    assert "Delete Bread?" in post(f"/staff/products/{product.id}/delete").text
    assert post(f"/staff/products/{product.id}/delete", sure="1").location == "/staff/products"


def test_categories_are_added_below_one_another_and_deleted(staff, post, inside):
    post("/staff/categories", name="Food", parent_id="0")
    food = inside(list_categories)[0].id
    post("/staff/categories", name="Dairy", parent_id=str(food))
    dairy = next(each.id for each in inside(list_categories) if each.id != food)
    page = staff.get("/staff/categories").text
    assert page.index("Food") < page.index("Dairy")
    refused = post(f"/staff/categories/{food}", name="Food", parent_id=str(dairy))
    assert (refused.status_code, "Must not be the category itself" in refused.text) == (422, True)
    assert post(f"/staff/categories/{food}/delete", sure="1").status_code == 303


def test_a_clerk_looks_but_does_not_change(client, inside):
    member, product = inside(factories.make_staff, role="clerk"), inside(factories.make_product)
    signed = {"csrf_token": csrf_token(client), "email": member.email, "password": factories.PASSWORD}
    client.post("/staff/sign-in", data=signed)
    assert "Only managers and owners can change products." in client.get(f"/staff/products/{product.id}").text
    answer = client.post(f"/staff/products/{product.id}", data=MILK | {"csrf_token": csrf_token(client)})
    assert answer.status_code == 403


def test_the_list_is_exported_as_it_can_be_imported(staff, inside):
    inside(factories.make_product, "=Maziwa", 12000, sku="MLK", stock=3)
    answer = staff.get("/staff/products.csv?q=mlk")
    head, row = answer.text.removeprefix("\ufeff").splitlines()
    assert head.startswith("name,slug,description,status,sku")
    assert ("MLK" in row, "120.00" in row, row.startswith("'=")) == (True, True, True)

"""Products added, changed, archived and deleted."""

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import AuditEntry, Product, StockMovement
from shop.services.catalogue.categories import (
    delete_category,
    list_categories,
    save_category,
    with_descendants,
)
from shop.services.catalogue.listed import get_product_by_slug
from shop.services.catalogue.products.codes import find_id_by_code
from shop.services.catalogue.products.for_sale import CartLine, price_lines
from shop.services.catalogue.products.records import create_product, delete_product, get_product, update_product
from shop.services.catalogue.products.variants import VariantInput
from shop.services.errors import Conflict, InvalidInput, NotFound
from shop.services.orders.placement import Checkout, place_order
from tests import factories
from tests.factories import TESTER

MILK = {"name": "Maziwa Lala", "price_cents": 12000}


def size(name, price, **more):
    return VariantInput(more.pop("id", None), {"options": {"Size": name}, "price_cents": price, **more})


def test_a_product_with_all_its_parts(ctx):
    dairy = save_category(None, {"name": "Dairy"}, TESTER)
    fields = {
        "sku": "MLK",
        "barcode": "6161100001",
        "tags": ["Fresh", "fresh", " local  milk "],
        "category_ids": [dairy.id],
        "variants": [size("500 ml", 6500, stock_quantity=4), size("1 l", 12000)],
        "status": "draft",
    }
    product = create_product(MILK | fields, TESTER)
    assert (product.slug, product.status, product.barcode) == ("maziwa-lala", "hidden", "6161100001")
    assert [tag.tag for tag in product.tags] == ["Fresh", "local milk"]
    assert [one.name for one in product.categories] == ["Dairy"]
    assert [(one.name, one.stock_quantity) for one in product.variants] == [("500 ml", 4), ("1 l", None)]
    assert product.search_text == " maziwa lala mlk 6161100001 500 ml 1 l fresh local milk "
    assert db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()[-1] == "product.created"


def test_slugs_are_made_free_and_chosen_ones_are_checked(ctx):
    first, second = create_product(MILK, TESTER), create_product(MILK, TESTER)
    assert (first.slug, second.slug) == ("maziwa-lala", "maziwa-lala-2")
    with pytest.raises(Conflict) as refused:
        create_product(MILK | {"slug": "maziwa-lala"}, TESTER)
    assert refused.value.code == "slug_taken"
    with pytest.raises(InvalidInput, match="slug must contain a letter from a to z"):
        create_product(MILK | {"slug": "ወተት"}, TESTER)
    assert create_product(MILK | {"name": "ወተት"}, TESTER).slug == "item"


@pytest.mark.parametrize("column", ["sku", "barcode"])
def test_a_code_belongs_to_one_product_or_variant(ctx, column):
    product = create_product(MILK | {column: "A1", "variants": [size("1 l", 100, **{column: "A2"})]}, TESTER)
    for code in ("A1", "A2"):
        with pytest.raises(Conflict) as refused:
            create_product({"name": "Other", "price_cents": 1, column: code}, TESTER)
        assert (refused.value.code, refused.value.params["name"]) == (f"{column}_taken", "Maziwa Lala")
    with pytest.raises(Conflict, match="twice"):
        update_product(product.id, {"variants": [size("1 l", 100, **{column: "A1"})]}, TESTER)
    assert update_product(product.id, {"name": "Mala"}, TESTER).name == "Mala"


@pytest.mark.parametrize("column", ["sku", "barcode"])
def test_codes_that_people_cannot_tell_apart_are_one(ctx, column):
    product = create_product(MILK | {column: "mlk-5", "variants": [size("1 l", 100, **{column: "X2"})]}, TESTER)
    for code in ("MLK-5", "ｍｌｋ－５", "mlk‑٥", "x2"):
        with pytest.raises(Conflict) as refused:
            create_product({"name": "Other", "price_cents": 1, column: code}, TESTER)
        assert (refused.value.code, refused.value.params["name"]) == (f"{column}_taken", "Maziwa Lala")
    with pytest.raises(Conflict, match="twice"):
        update_product(product.id, {"variants": [size("1 l", 100, **{column: "MLK-5"})]}, TESTER)
    assert getattr(update_product(product.id, {column: "MLK-5"}, TESTER), column) == "MLK-5"


def test_codes_of_earlier_versions_that_differ_by_case_stay_until_changed(ctx):
    upper, lower = factories.make_product(sku="MLK"), factories.make_product()
    lower.sku = "mlk"
    db.session.commit()
    assert update_product(lower.id, {"name": "Mala", "sku": "mlk"}, TESTER).sku == "mlk"
    assert [find_id_by_code("sku", code) for code in ("MLK", "mlk", "Mlk")] == [upper.id, lower.id, None]
    with pytest.raises(Conflict):
        update_product(lower.id, {"sku": "Mlk"}, TESTER)


def test_variants_are_kept_added_and_left_out(ctx):
    product = create_product(MILK | {"variants": [size("500 ml", 6500), size("1 l", 12000)]}, TESTER)
    half, litre = product.variants
    factories.place(factories.make_customer(), [(product, 1)])
    changed = update_product(product.id, {"variants": [size("2 l", 23000), size("1 l", 12500, id=litre.id)]}, TESTER)
    assert [(one.name, one.price_cents) for one in changed.variants] == [("2 l", 23000), ("1 l", 12500)]
    assert half.id not in [one.id for one in changed.variants]


def test_a_variant_that_was_sold_is_archived_and_not_for_sale(ctx):
    product = create_product(MILK | {"variants": [size("1 l", 12000, sku="MLK-1", stock_quantity=3)]}, TESTER)
    line = CartLine(product.id, 1, product.variants[0].id)
    place_order(Checkout("jane@example.com", [line]))
    assert update_product(product.id, {"variants": []}, TESTER).variants == []
    with pytest.raises(InvalidInput, match="not a variant"):
        price_lines([line])
    assert create_product({"name": "New", "price_cents": 1, "sku": "MLK-1"}, TESTER).sku == "MLK-1"


def test_a_product_that_was_sold_is_archived_and_any_other_deleted(ctx):
    sold, unsold = factories.make_product(stock=5), factories.make_product(stock=5)
    factories.make_variant(unsold, stock=2)
    factories.place(factories.make_customer(), [(sold, 1)])
    assert delete_product(unsold.id, TESTER) is True
    assert delete_product(sold.id, TESTER) is False
    assert get_product(sold.id).status == "archived"
    with pytest.raises(NotFound):
        get_product_by_slug(sold.slug)
    with pytest.raises(NotFound):
        get_product(unsold.id)
    assert set(db.session.scalars(select(StockMovement.product_id))) == {sold.id}
    assert db.session.scalars(select(Product.id)).all() == [sold.id]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"price_cents": 1}, "name is required"),
        ({"name": "X"}, "price is required"),
        (MILK | {"status": "gone"}, "status must be one of"),
        (MILK | {"category_ids": [99]}, "category_ids\\[0\\] is not a category"),
        (MILK | {"tags": ["x" * 65]}, "tags\\[0\\] must have at most 64"),
        (MILK | {"variants": [VariantInput(None, {"name": "1 l"})]}, "variants\\[0\\].price is required"),
        (MILK | {"variants": [VariantInput(99, {"name": "1 l"})]}, "variants\\[0\\].id is not a variant"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_field(ctx, fields, says):
    with pytest.raises(InvalidInput, match=says):
        create_product(fields, TESTER)
    assert db.session.scalars(select(Product.id)).all() == []


def test_categories_are_a_tree(ctx):
    food = save_category(None, {"name": "Food"}, TESTER)
    dairy = save_category(None, {"name": "Dairy", "parent_id": food.id}, TESTER)
    milk = save_category(None, {"name": "Milk", "parent_id": dairy.id}, TESTER)
    save_category(None, {"name": "Soap", "position": -1}, TESTER)
    assert [one.name for one in list_categories()] == ["Soap", "Food", "Dairy", "Milk"]
    assert with_descendants(food.id) == [food.id, dairy.id, milk.id]
    with pytest.raises(InvalidInput, match="the category itself"):
        save_category(food.id, {"parent_id": milk.id}, TESTER)
    delete_category(dairy.id, TESTER)
    assert [(one.name, one.parent_id) for one in list_categories()][1:] == [("Food", None), ("Milk", food.id)]

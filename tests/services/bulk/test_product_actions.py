"""Prices and stock of many products: as previewed, each once, through the stock movements."""

import threading

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.domain.catalogue.bulk import ChangeWay, NumberChange, ProductBulkKind
from shop.models import AuditEntry, Product, ProductBulkAction, StockMovement, Variant
from shop.queries.catalogue.bulk import pack_filters, preview_change, unpack_filters
from shop.queries.catalogue.list import ProductFilters, count_products
from shop.services.bulk.product_actions import get_product_bulk, start_product_bulk, stop_product_bulk
from shop.services.errors import InvalidInput
from shop.worker.jobs import bulk_actions
from shop.worker.jobs.bulk_actions import PRODUCTS, run_batch, run_bulk_actions
from tests import factories
from tests.factories import TESTER
from tests.support.stock import find_stock_faults

RAISE = NumberChange(ProductBulkKind.PRICE, ChangeWay.RAISE_PERCENT, 1000, 100)
LOWER = NumberChange(ProductBulkKind.STOCK, ChangeWay.LOWER, 5)
ALL = ProductFilters()


def start(change, filters=ALL, reason="Stocktake"):
    return start_product_bulk(change, reason, pack_filters(filters), count_products(filters), TESTER)


def finish(action_id):
    while run_batch(action_id, PRODUCTS):
        pass
    db.session.expire_all()
    return get_product_bulk(action_id)


def prices():
    return dict(db.session.execute(select(Product.name, Product.price_cents)).all())


@pytest.fixture
def goods(ctx):
    milk = factories.make_product("Milk", 10000, stock=10)
    factories.make_variant(milk, "2 l", 19900, stock=3)
    return milk, factories.make_product("Bread", 6550, stock=8), factories.make_product("Gift card", 0)


def test_prices_change_as_previewed(goods):
    preview = preview_change(ALL, RAISE)
    assert [preview.counts[one] for one in ("changed", "skipped", "refused")] == [2, 1, 0]
    assert preview.examples[1] == ("Bread", "", 6550, 7200, False)
    action = finish(start(RAISE))
    assert (action.state, action.done, action.changed, action.skipped, action.selection) == ("done", 3, 2, 1, {})
    assert prices() == {"Milk": 11000, "Bread": 7200, "Gift card": 0}
    assert db.session.scalars(select(Variant.price_cents)).one() == 21900
    audited = db.session.execute(
        select(AuditEntry.old_value, AuditEntry.new_value).where(AuditEntry.action == "product.price")
    )
    assert set(audited.all()) == {("10000", "11000"), ("6550", "7200")}


def test_an_example_is_the_variant_that_is_refused_or_changes(ctx):
    milk, tea = factories.make_product("Milk"), factories.make_product("Tea")
    for product, stocks in ((milk, (20, 3)), (tea, (None, 9))):
        for stock in stocks:
            factories.make_variant(product, f"has {stock}", stock=stock)
    assert preview_change(ALL, LOWER).examples == [("Milk", "has 3", 3, -2, True), ("Tea", "has 9", 9, 4, False)]


def test_stock_changes_through_its_movements(goods):
    milk, bread, _ = goods
    action = finish(start(LOWER))
    assert (action.changed, action.skipped, action.refused) == (1, 1, 1)
    assert action.reasons[0][0] == milk.id, "the variant has 3"
    assert db.session.get_one(Product, bread.id).stock_quantity == 3
    newest = select(StockMovement).where(StockMovement.product_id == bread.id).order_by(StockMovement.id.desc())
    movement = db.session.scalars(newest).first()
    assert (movement.change, movement.quantity_after, movement.reason) == (-5, 3, "Stocktake")
    assert find_stock_faults() == []


def test_only_what_is_selected_changes(goods):
    _, bread, _ = goods
    finish(start(RAISE, ProductFilters(ids=(bread.id,))))
    finish(start(RAISE, ProductFilters(search="milk")))
    assert prices() == {"Milk": 11000, "Bread": 7200, "Gift card": 0}
    with pytest.raises(InvalidInput):
        start(RAISE, ProductFilters(ids=(0,)))


def test_an_interrupted_change_resumes(goods, monkeypatch):
    monkeypatch.setattr(bulk_actions, "BATCH", 2)
    action = start(RAISE)
    assert run_batch(action, PRODUCTS) == 2
    assert finish(action).done == 3
    assert prices()["Milk"] == 11000


def test_a_stopped_change_does_no_more(goods):
    action = start(RAISE)
    stop_product_bulk(action, TESTER)
    run_bulk_actions({}, threading.Event())
    assert (get_product_bulk(action).state, prices()["Milk"]) == ("stopped", 10000)


def test_the_worker_finds_changes_of_products(goods):
    action = start(RAISE)
    run_bulk_actions({}, threading.Event())
    db.session.expire_all()
    assert db.session.get_one(ProductBulkAction, action).done == 3


def test_a_selection_is_read_again():
    filters = ProductFilters(search="milk", status="active", stock="low", ids=(3, 4))
    assert unpack_filters(pack_filters(filters) | {"unknown": 1}) == filters

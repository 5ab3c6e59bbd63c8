"""Branches, and stock counted in one of them."""

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import AuditEntry
from shop.queries.catalogue.movements import MovementFilters, search_movements, stock_in_branches
from shop.services.catalogue.adjustments import (
    adjust_stock,
    count_stock,
    default_branch_id,
    transfer_stock,
)
from shop.services.catalogue.branches import get_branch, save_branch
from shop.services.catalogue.products.records import get_product
from shop.services.errors import Conflict, InvalidInput, NotFound
from tests import factories
from tests.factories import TESTER
from tests.support.stock import find_stock_faults


@pytest.fixture
def westlands(ctx):
    return save_branch(None, " Westlands ", TESTER)


def test_a_branch_is_added_and_renamed(westlands):
    assert (westlands.name, westlands.is_default) == ("Westlands", False)
    save_branch(westlands.id, "Kilimani", TESTER)
    assert get_branch(westlands.id).name == "Kilimani"
    written = select(AuditEntry.action).where(AuditEntry.subject == f"branch:{westlands.id}").order_by(AuditEntry.id)
    assert list(db.session.scalars(written)) == ["branch.created", "branch.changed"]


def test_what_is_no_branch_is_refused(westlands):
    with pytest.raises(Conflict):
        save_branch(None, "WESTLANDS", TESTER)
    with pytest.raises(InvalidInput):
        save_branch(None, "  ", TESTER)
    with pytest.raises(NotFound):
        save_branch(999_999, "Nowhere", TESTER)


def test_a_count_in_a_branch_leaves_the_others(westlands):
    main = default_branch_id()
    milk = factories.make_product(stock=10)
    count_stock(milk.id, 4, "Counted", TESTER, branch_id=westlands.id)
    count_stock(milk.id, 7, "Counted", TESTER, branch_id=main)
    assert get_product(milk.id).stock_quantity == 11
    assert stock_in_branches([milk.id]) == {(milk.id, None, main): 7, (milk.id, None, westlands.id): 4}
    with pytest.raises(InvalidInput):
        adjust_stock(milk.id, -5, "Sold", TESTER, branch_id=westlands.id)
    assert find_stock_faults() == []


def test_a_count_in_a_branch_starts_counting(westlands):
    milk = factories.make_product()
    count_stock(milk.id, 0, "Counted", TESTER, branch_id=westlands.id)
    assert get_product(milk.id).stock_quantity == 0


def test_the_log_is_filtered_and_paged(westlands):
    milk, bread = factories.make_product("Milk", stock=10), factories.make_product("Bread", stock=3)
    for _ in range(50):
        adjust_stock(bread.id, 1, "Baked", TESTER, branch_id=westlands.id)
    first = search_movements(MovementFilters())
    assert (len(first.rows), first.matching) == (50, 52)
    second = search_movements(MovementFilters(), after=first.after)
    assert [(row.product, row.kind) for row in second.rows] == [("Bread", "opening"), ("Milk", "opening")]
    assert search_movements(MovementFilters(product_id=milk.id)).matching == 1
    assert search_movements(MovementFilters(branch_id=westlands.id, kind="opening")).matching == 0


def test_stock_moves_from_one_branch_to_another(westlands):
    main, milk = default_branch_id(), factories.make_product(stock=10)
    out, into = transfer_stock((milk.id, None), (None, westlands.id), 4, "Sent by the van", TESTER)
    assert [(one.branch_id, one.change, one.quantity_after) for one in (out, into)] == [
        (main, -4, 6),
        (westlands.id, 4, 10),
    ]
    assert {(one.kind, one.reason) for one in (out, into)} == {("transfer", "Sent by the van")}
    assert stock_in_branches([milk.id]) == {(milk.id, None, main): 6, (milk.id, None, westlands.id): 4}
    assert (get_product(milk.id).stock_quantity, find_stock_faults()) == (10, [])
    written = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "stock.transferred")).one()
    assert (written.subject, written.reason) == (f"product:{milk.id}", "Sent by the van")


def test_a_variant_moves_alone(westlands):
    variant = factories.make_variant(factories.make_product(), stock=3)
    transfer_stock((variant.product_id, variant.id), (None, westlands.id), 3, "Van", TESTER)
    assert stock_in_branches([variant.product_id]) == {(variant.product_id, variant.id, westlands.id): 3}
    with pytest.raises(InvalidInput):
        transfer_stock((variant.product_id, None), (None, westlands.id), 1, "Van", TESTER)


def test_what_a_branch_does_not_have_is_not_moved(westlands):
    milk, salt = factories.make_product(stock=10), factories.make_product()

    def refusal(article, branches, pieces):
        with pytest.raises(InvalidInput) as refused:
            transfer_stock((article.id, None), branches, pieces, "Van", TESTER)
        return refused.value.errors[0].field

    assert refusal(milk, (None, westlands.id), 11) == "quantity"
    assert refusal(milk, (westlands.id, None), 1) == "quantity"
    assert refusal(milk, (None, westlands.id), 0) == "quantity"
    assert refusal(milk, (None, None), 1) == "to_branch_id"
    assert refusal(milk, (None, 999_999), 1) == "to_branch_id"
    assert refusal(milk, (999_999, None), 1) == "from_branch_id"
    assert refusal(salt, (None, westlands.id), 1) == "product_id"
    assert stock_in_branches([milk.id]) == {(milk.id, None, default_branch_id()): 10}

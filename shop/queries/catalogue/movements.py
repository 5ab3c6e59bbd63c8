"""The stock movements of the shop, and the stock of each branch by them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, func, select

from shop.db.session import db
from shop.models import Branch, Order, Product, StockMovement, Variant
from shop.queries.listing.list_page import ListPage, read_list_page
from shop.queries.listing.list_query import ListQuery, Matches, in_sections
from shop.queries.listing.sort_order import Key, SortOrder

SHOWN = 30
SORT: Final = "-created"
_ID: Final[ColumnElement[int]] = StockMovement.id.expression
_ORDER: Final = SortOrder((_ID,))


class MovementRow(NamedTuple):
    """A movement with the names of what it is about; ``order_number`` is None once the order is deleted."""

    kind: str
    change: int
    quantity_after: int
    reason: str
    variant: str | None
    branch: str
    order_id: int | None
    order_number: str | None
    actor: str
    created_at: datetime
    product_id: int
    product: str


@dataclass(frozen=True, slots=True)
class MovementFilters:
    """Filters of movements: product, branch, kind; None for all."""

    product_id: int | None = None
    branch_id: int | None = None
    kind: str | None = None


def list_movements(product_id: int, limit: int = SHOWN) -> list[MovementRow]:
    """Return the newest movements of a product and its variants."""
    newest = _rows().where(StockMovement.product_id == product_id).order_by(_ID.desc()).limit(limit)
    return [MovementRow._make(values) for values in db.session.execute(newest)]


def search_movements(
    filters: MovementFilters, *, after: str | None = None, before: str | None = None
) -> ListPage[MovementRow]:
    """Return a page of the movements that match, the newest first. Raise `InvalidInput` for a cursor that is none."""
    row = StockMovement
    wanted = ((row.product_id, filters.product_id), (row.branch_id, filters.branch_id), (row.kind, filters.kind))
    conditions = tuple(column == value for column, value in wanted if value is not None)
    whole = Matches(conditions, conditions)
    query = ListQuery(_ORDER, whole, lambda: in_sections(_ORDER, whole))
    return read_list_page(query, SORT, _read, after=after, before=before)


def _read(keys: list[Key]) -> list[MovementRow]:
    found = db.session.execute(_rows().where(_ID.in_([key[-1] for key in keys])).order_by(_ID.desc()))
    return [MovementRow._make(values) for values in found]


def _rows() -> Any:
    row = StockMovement
    return (
        select(
            *(row.kind, row.change, row.quantity_after, row.reason, Variant.name, Branch.name),
            *(row.order_id, Order.order_number, row.actor_label, row.created_at, row.product_id, Product.name),
        )
        .join(Branch, Branch.id == row.branch_id)
        .join(Product, Product.id == row.product_id)
        .outerjoin(Variant, Variant.id == row.variant_id)
        .outerjoin(Order, Order.id == row.order_id)
    )


def stock_in_branches(product_ids: Sequence[int]) -> dict[tuple[int, int | None, int], int]:
    """Return the pieces of some products by product, variant or None, and branch; without those that have none."""
    row = StockMovement
    grouped = (row.product_id, row.variant_id, row.branch_id)
    statement = select(*grouped, func.sum(row.change)).where(row.product_id.in_(product_ids)).group_by(*grouped)
    found = db.session.execute(statement) if product_ids else ()
    return {(product, variant, branch): int(pieces) for product, variant, branch, pieces in found if pieces}

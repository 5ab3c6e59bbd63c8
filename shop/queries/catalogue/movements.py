"""The stock movements of a product."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from shop.db.session import db
from shop.models import Branch, Order, StockMovement, Variant

SHOWN = 30


class MovementRow(NamedTuple):
    """A movement with the names of variant, branch and order; ``order_number`` is None once the order is deleted."""

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


def list_movements(product_id: int, limit: int = SHOWN) -> list[MovementRow]:
    """Return the newest movements of a product and its variants."""
    row = StockMovement
    found = db.session.execute(
        select(
            *(row.kind, row.change, row.quantity_after, row.reason, Variant.name, Branch.name),
            *(row.order_id, Order.order_number, row.actor_label, row.created_at),
        )
        .join(Branch, Branch.id == row.branch_id)
        .outerjoin(Variant, Variant.id == row.variant_id)
        .outerjoin(Order, Order.id == row.order_id)
        .where(row.product_id == product_id)
        .order_by(row.id.desc())
        .limit(limit)
    )
    return [MovementRow._make(values) for values in found]


def stock_by_branch(product_id: int) -> list[tuple[str, int]]:
    """Return the stock of a product and its variants by branch, from the movements."""
    found = db.session.execute(
        select(Branch.name, func.coalesce(func.sum(StockMovement.change), 0))
        .outerjoin(StockMovement, (StockMovement.branch_id == Branch.id) & (StockMovement.product_id == product_id))
        .group_by(Branch.id, Branch.name)
        .order_by(Branch.is_default.desc(), Branch.id)
    )
    return [(name, total) for name, total in found]

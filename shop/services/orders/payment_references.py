"""References of payments, compared in upper case: staff type M-Pesa's receipts in either."""

from typing import NamedTuple

from sqlalchemy import select

from shop.db.session import db
from shop.domain.text.cleaning import upper_case_forms
from shop.models import Order, OrderTransaction
from shop.models.orders.order import OrderColumns
from shop.services.orders.review_flags import raise_flag


class PaidOrder(NamedTuple):
    """An order that a payment's reference is on."""

    id: int
    order_number: str


def find_paid_by(reference: str, *, besides: int = 0) -> list[PaidOrder]:
    """Return the first orders that a payment reference has paid, ``besides`` one of them."""
    row = OrderTransaction
    found = (
        select(Order.id, Order.order_number)
        .join(row, row.order_id == Order.id)
        .where(row.reference_key.in_(upper_case_forms(reference)), row.kind == "payment", row.status == "completed")
        .where(Order.id != besides)
        .order_by(row.id)
    )
    return [PaidOrder(*each) for each in db.session.execute(found.limit(5))]


def flag_if_used(order: OrderColumns, reference: str) -> None:
    """Flag a locked order whose payment reference is on another order, too: one payment may pay both."""
    if find_paid_by(reference, besides=order.id):
        cause = f"same_reference:{order.id}:{order.updated_at.isoformat()}"
        raise_flag("same_reference", order.id, cause, order.total_cents, reference)

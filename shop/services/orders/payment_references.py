"""References of payments, compared in upper case: staff type M-Pesa's receipts in either."""

from typing import NamedTuple

from sqlalchemy import func, select

from shop.db.session import db
from shop.db.tenant import current_shop_id
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


def hold_reference(reference: str | None) -> None:
    """Make other transactions that use a payment reference wait until this one ends. No-op without one.

    Call it before locking an order, so that two transactions never wait for each other. There may be no row to lock
    yet: a till may know the receipt before M-Pesa confirms it, and two orders may get one receipt at the same time.
    SQLite has one writer.
    """
    wanted = (reference or "").strip().upper()
    if wanted and db.session.get_bind().dialect.name == "postgresql":
        key = f"payment:{current_shop_id()}:{wanted}"
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def flag_if_used(order: OrderColumns, reference: str) -> None:
    """Flag a locked order whose payment reference is on another order, too: one payment may pay both.

    The caller has held the reference, so that one of two orders at the same time sees the other.
    """
    if find_paid_by(reference, besides=order.id):
        cause = f"same_reference:{order.id}:{order.updated_at.isoformat()}"
        raise_flag("same_reference", order.id, cause, order.total_cents, reference)

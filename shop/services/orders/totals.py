"""What orders count for in their customer's totals, kept in step in the same transaction (``wire.md``, section 2)."""

from sqlalchemy import case, literal, or_, update

from shop.extensions import db
from shop.models import Customer, Order


def counts_for(order: Order) -> tuple[int, int]:
    """Orders and cents that an order adds to its customer: nothing when cancelled; money only once paid."""
    if order.status == "cancelled":
        return 0, 0
    paid = order.payment_status in {"paid", "refunded"}
    return 1, order.total_cents - order.refunded_cents if paid else 0


def add_to_customer(order: Order, before: tuple[int, int] | None = None) -> None:
    """Move the customer's totals by what changed since ``before``; without it the order is new."""
    orders, cents = counts_for(order)
    was_orders, was_cents = before or (0, 0)
    if order.customer_id is None or before == (orders, cents):
        return
    last, sold_at = Customer.last_order_at, literal(order.order_date, Customer.last_order_at.type)
    db.session.execute(
        update(Customer)
        .where(Customer.id == order.customer_id)
        .values(
            total_orders=Customer.total_orders + orders - was_orders,
            total_spent_cents=Customer.total_spent_cents + cents - was_cents,
            last_order_at=case((or_(last.is_(None), last < sold_at), sold_at), else_=last),
        )
        .execution_options(synchronize_session=False)
    )

"""Update a customer's totals in the transaction that changes an order (``docs/contract/api.md``, section 2)."""

from sqlalchemy import bindparam, case, or_, update

from shop.db.prepared import SHOP, PreparedQuery, table
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.models import Customer
from shop.services.orders.repository import AnyOrder

_C = table(Customer).c
_SOLD_AT = bindparam("sold_at", type_=_C.last_order_at.type)
_ADD = PreparedQuery(
    update(table(Customer))
    .where(_C.shop_id == SHOP, _C.id == bindparam("customer"))
    .values(
        total_orders=_C.total_orders + bindparam("orders"),
        total_spent_cents=_C.total_spent_cents + bindparam("cents"),
        last_order_at=case(
            (or_(_C.last_order_at.is_(None), _C.last_order_at < _SOLD_AT), _SOLD_AT), else_=_C.last_order_at
        ),
    )
)


def counts_for(order: AnyOrder) -> tuple[int, int]:
    """Orders and cents that an order adds to its customer: nothing when cancelled; money only once paid."""
    if order.status == OrderStatus.CANCELLED:
        return 0, 0
    paid = order.payment_status in {PaymentStatus.PAID, PaymentStatus.REFUNDED}
    return 1, order.total_cents - order.refunded_cents if paid else 0


def add_to_customer(order: AnyOrder, before: tuple[int, int] | None = None) -> None:
    """Move the customer's totals by what changed since ``before``; without it the order is new."""
    orders, cents = counts_for(order)
    was_orders, was_cents = before or (0, 0)
    if order.customer_id is None or before == (orders, cents):
        return
    _ADD(customer=order.customer_id, orders=orders - was_orders, cents=cents - was_cents, sold_at=order.order_date)

"""Update a customer's totals in the transaction that changes an order (``docs/contract/api.md``, section 2)."""

from sqlalchemy import bindparam, case, func, or_, select, update

from shop.db.prepared import SHOP, PreparedQuery, table
from shop.db.session import db
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.models import Customer, Order
from shop.models.orders.order import OrderColumns
from shop.services import clock

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
        updated_at=bindparam("now", type_=_C.updated_at.type),
    )
)


def contribution(order: OrderColumns) -> tuple[int, int]:
    """Return the orders and cents that an order adds to its customer: none if cancelled, money only if paid."""
    if order.status == OrderStatus.CANCELLED:
        return 0, 0
    paid = order.payment_status in {PaymentStatus.PAID, PaymentStatus.REFUNDED}
    return 1, order.total_cents - order.refunded_cents if paid else 0


def apply(order: OrderColumns, before: tuple[int, int] | None = None) -> None:
    """Change the customer's totals by the difference from ``before``, None for a new order."""
    orders, cents = contribution(order)
    was_orders, was_cents = before or (0, 0)
    if order.customer_id is None or before == (orders, cents):
        return
    _ADD(
        customer=order.customer_id,
        orders=orders - was_orders,
        cents=cents - was_cents,
        sold_at=order.order_date,
        now=clock.now(),
    )


def reset_last_order(customer_id: int | None) -> None:
    """Set a customer's ``last_order_at`` from the existing orders, in the caller's transaction."""
    if customer_id is None:
        return
    newest = select(func.max(Order.order_date)).where(Order.customer_id == customer_id)
    last = db.session.scalars(newest).one()
    db.session.execute(update(Customer).where(Customer.id == customer_id).values(last_order_at=last))

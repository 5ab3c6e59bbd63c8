"""One order: read, or locked for a change."""

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from shop.db.session import db
from shop.domain.codes import hash_secret, same
from shop.models import Order, OrderItem, OrderRefund
from shop.services.errors import NotFound
from shop.services.shoppers.sessions import Shopper

WHOLE = (
    joinedload(Order.customer),
    selectinload(Order.items).options(joinedload(OrderItem.product), joinedload(OrderItem.variant)),
    selectinload(Order.addresses),
    selectinload(Order.transactions),
    selectinload(Order.notes),
)
REFUNDS = selectinload(Order.refunds).selectinload(OrderRefund.items)
"""For lists. Of a single order they are read when asked for: most orders have none."""


def get_order(order_id: int) -> Order:
    """An order with all that hangs on it. Raises NotFound."""
    return _one(select(Order).where(Order.id == order_id).options(*WHOLE))


def lock_order(order_id: int) -> Order:
    """An order that nobody else can change until the caller's transaction ends. Raises NotFound."""
    return _one(select(Order).where(Order.id == order_id).with_for_update())


def _one(statement: Select[Order]) -> Order:
    order = db.session.scalars(statement.execution_options(populate_existing=True)).first()
    if order is None:
        raise NotFound("There is no such order.", code="order_not_found")
    return order


def may_pay(order: Order, shopper: Shopper | None, payment_token: str | None) -> bool:
    """Whether somebody may pay an order and see how that stands.

    Who shows the payment token the order was answered with may, and no other token counts. Without one the customer
    whose it is may, and the session it was placed from unless somebody else has signed in there since.
    """
    if payment_token is not None:
        return same(hash_secret(payment_token), order.payment_token_hash or "")
    if shopper is None:
        return False
    if shopper.customer_id is not None:
        return shopper.customer_id == order.customer_id
    return shopper.session_id == order.shopper_session_id

"""Orders found: one, locked for a change, or a page of them."""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from shop.db.session import db
from shop.db.upsert import like_fragment
from shop.domain.codes import hash_secret, same
from shop.domain.search_text import search_words
from shop.models import Customer, Order, OrderItem, OrderRefund
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


def list_orders(
    *,
    page: int = 1,
    limit: int = 20,
    status: str | None = None,
    payment_status: str | None = None,
    search: str = "",
    customer_id: int | None = None,
    placed_from: datetime | None = None,
    placed_to: datetime | None = None,
) -> tuple[list[Order], int]:
    """A page of the shop's orders, newest first, whole, and how many match.

    ``search`` looks in the order number and in the customer's name, e-mail and phone.
    """
    conditions: list[ColumnElement[bool]] = []
    if status:
        conditions.append(Order.status == status)
    if payment_status:
        conditions.append(Order.payment_status == payment_status)
    if customer_id is not None:
        conditions.append(Order.customer_id == customer_id)
    if placed_from is not None:
        conditions.append(Order.order_date >= placed_from)
    if placed_to is not None:
        conditions.append(Order.order_date < placed_to)
    statement = select(Order).outerjoin(Customer, Customer.id == Order.customer_id)
    if search.strip():
        wanted = search.strip()
        conditions.append(
            or_(
                Order.order_number.like(like_fragment(wanted.upper()), escape="\\"),
                and_(*(Customer.search_text.like(like_fragment(w), escape="\\") for w in search_words(wanted))),
            )
        )
    statement = statement.where(*conditions)
    total = db.session.scalars(select(func.count()).select_from(statement.with_only_columns(Order.id).subquery())).one()
    found = db.session.scalars(
        statement.options(contains_eager(Order.customer), *WHOLE[1:], REFUNDS)
        .order_by(Order.id.desc())
        .offset((page - 1) * limit)
        .limit(limit)
    )
    return list(found), total

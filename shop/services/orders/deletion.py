"""Delete an order that the ledger does not refer to (``docs/contract/api.md``, section 7)."""

from typing import Any

from sqlalchemy import delete, select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.events import EventType
from shop.domain.statuses import OrderStatus
from shop.models import (
    LoyaltyEntry,
    Order,
    OrderAddress,
    OrderDraft,
    OrderInvoice,
    OrderItem,
    OrderNote,
    OrderRefund,
    OrderRefundItem,
    OrderTaxLine,
    OrderTransaction,
    PaymentAttempt,
    PaymentFlag,
    ReceivedPayment,
    TillSale,
)
from shop.services.actors import Actor
from shop.services.catalogue.coupons import return_coupon
from shop.services.catalogue.stock import return_stock
from shop.services.errors import Conflict
from shop.services.events.recording import record
from shop.services.orders import customer_totals
from shop.services.orders.pricing.lines import lines_from_stock
from shop.services.orders.repository import lock_order

CHILDREN = (OrderRefund, OrderTaxLine, OrderTransaction, OrderNote, OrderAddress, OrderItem, OrderDraft, TillSale)


def delete_order(order_id: int, actor: Actor) -> None:
    """Delete an order and its children; return its stock and its coupon's use unless that was done before.

    Raises NotFound; Conflict ``order_has_points`` for an order that earned or redeemed points, even if these were
    reversed: ledger entries refer to it, and are permanent; Conflict ``order_has_payment`` if a payment was ever
    started with a provider: money may still arrive.
    """
    with transaction():
        order = lock_order(order_id)
        _check_deletable(order_id)
        counted = customer_totals.contribution(order)
        return_stock(order, lines_from_stock(order), actor)
        return_coupon(order)
        order.status = OrderStatus.CANCELLED
        customer_totals.apply(order, counted)
        _delete_rows(order_id)
        customer_totals.reset_last_order(order.customer_id)
        previous = {"order_number": order.order_number}
        whose = order.customer_id
        deleted = record(EventType.ORDER_DELETED, order_id, lambda: None, actor, customer_id=whose, previous=previous)
        deleted.audit("order.deleted", old=order.order_number)


def _check_deletable(order_id: int) -> None:
    if _has(LoyaltyEntry, order_id):
        raise Conflict(
            "This order moved points, which the ledger keeps permanently. Cancel the order instead.",
            code="order_has_points",
        )
    if _has(OrderInvoice, order_id):
        raise Conflict(
            "This order has an invoice, whose number is kept. Cancel the order instead.", code="order_has_invoice"
        )
    if any(_has(model, order_id) for model in (PaymentAttempt, PaymentFlag, ReceivedPayment)):
        raise Conflict(
            "A payment was started for this order, and its record is kept. Cancel the order instead.",
            code="order_has_payment",
        )


def _has(model: type[Any], order_id: int) -> bool:
    return db.session.scalars(select(model.id).where(model.order_id == order_id).limit(1)).first() is not None


def _delete_rows(order_id: int) -> None:
    refunds = select(OrderRefund.id).where(OrderRefund.order_id == order_id)
    rows = (
        delete(OrderRefundItem).where(OrderRefundItem.refund_id.in_(refunds)),
        *(delete(child).where(child.order_id == order_id) for child in CHILDREN),
        delete(Order).where(Order.id == order_id),
    )
    for statement in rows:
        db.session.execute(statement)

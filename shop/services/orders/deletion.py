"""Removing an order altogether: only one that the ledger knows nothing of (``docs/contract/api.md``, section 7)."""

from sqlalchemy import delete, func, select, update

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.statuses import OrderStatus
from shop.models import (
    Customer,
    LoyaltyEntry,
    Order,
    OrderAddress,
    OrderItem,
    OrderNote,
    OrderRefund,
    OrderRefundItem,
    OrderTransaction,
    PaymentAttempt,
    PaymentFlag,
)
from shop.services import audit_log
from shop.services.actors import Actor
from shop.services.catalogue.coupons import return_coupon
from shop.services.catalogue.stock import return_stock
from shop.services.errors import Conflict
from shop.services.orders.customer_totals import add_to_customer, counts_for
from shop.services.orders.find import lock_order


def delete_order(order_id: int, actor: Actor) -> None:
    """Remove an order with all that hangs on it; its stock and its coupon's use return, unless they did before.

    Raises NotFound; Conflict ``order_has_points`` for an order that earned or redeemed points, also when these were
    undone: entries of the ledger name it, and stay for good; Conflict ``order_has_payment`` when a payment of it was
    ever begun with a provider: money may still come in for it.
    """
    with transaction() as session:
        order = lock_order(order_id)
        moved = select(LoyaltyEntry.id).where(LoyaltyEntry.order_id == order_id).limit(1)
        if session.scalars(moved).first() is not None:
            raise Conflict(
                "This order moved points, and the ledger keeps that for good. Cancel it instead.",
                code="order_has_points",
            )
        for model in (PaymentAttempt, PaymentFlag):
            if session.scalars(select(model.id).where(model.order_id == order_id).limit(1)).first() is not None:
                raise Conflict(
                    "A payment was begun for this order, and its record stays. Cancel it instead.",
                    code="order_has_payment",
                )
        before, number = counts_for(order), order.order_number
        return_stock(order)
        return_coupon(order)
        order.status = OrderStatus.CANCELLED
        add_to_customer(order, before)
        customer_id = order.customer_id
        refunds = select(OrderRefund.id).where(OrderRefund.order_id == order_id)
        session.flush()
        session.expunge(order)
        gone = (
            delete(OrderRefundItem).where(OrderRefundItem.refund_id.in_(refunds)),
            *(
                delete(model).where(model.order_id == order_id)
                for model in (OrderRefund, OrderTransaction, OrderNote, OrderAddress, OrderItem)
            ),
            delete(Order).where(Order.id == order_id),
        )
        for statement in gone:
            session.execute(statement.execution_options(synchronize_session=False))
        _look_back(customer_id)
        audit_log.record(actor, "order.deleted", f"order:{order_id}", old=number)


def _look_back(customer_id: int | None) -> None:
    """Set a customer's newest day of an order anew."""
    if customer_id is None:
        return
    newest = select(func.max(Order.order_date)).where(Order.customer_id == customer_id)
    last = db.session.scalars(newest).one()
    db.session.execute(
        update(Customer)
        .where(Customer.id == customer_id)
        .values(last_order_at=last)
        .execution_options(synchronize_session=False)
    )

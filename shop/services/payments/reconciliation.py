"""The worker's part in payments: query pending attempts, and cancel orders not paid in time."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import exists, or_, select, text, update

from shop.db.session import db
from shop.db.tenant import all_tenants, in_shop
from shop.db.transaction import transaction
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.domain.text.messages import N_
from shop.models import Order, PaymentAttempt
from shop.models.orders.order import AWAITS_CONFIRMATION, AWAITS_PAYMENT
from shop.models.payments.payment import UNDER_WAY
from shop.services import clock
from shop.services.actors import SYSTEM
from shop.services.orders.lifecycle import change_status
from shop.services.orders.repository import lock_order
from shop.services.payments.attempts import ASKED_FOR, close_attempt, find_under_way, lapse_attempt, lock_attempt
from shop.services.payments.config import PaymentConfig
from shop.services.payments.provider_calls import query_attempt
from shop.services.payments.providers.base import PromptGateway
from shop.services.payments.providers.registry import open_gateway

AT_ONCE = 20
ASKED_AT_ONCE = 5
LEASE = timedelta(seconds=60)
"""How long a claimed attempt belongs to a worker."""
WAITS = tuple(timedelta(seconds=seconds) for seconds in (15, 30, 60, 120, 300))
"""Before the second query, the third, …; the last one is repeated."""
GIVEN_UP = timedelta(minutes=15)
"""A push still open after this time has lapsed; a later result still counts."""
GRACE = timedelta(minutes=5)
"""How long a pending push delays the cancellation of an order past its deadline."""
REASON = "Not paid in time"

log = logging.getLogger("tuza.payments")


@dataclass(frozen=True, slots=True)
class _Asked:
    """An attempt claimed by this worker until its lease ends."""

    id: int
    shop_id: int
    order_id: int
    method_code: str
    provider_id: str | None
    queries: int


def poll_pending(config: PaymentConfig, shop_id: int | None = None) -> int:
    """Run one round in all shops, or in one; return how many attempts were queried and orders cancelled.

    Any number may run at once. Needs an application context. An error with one of them is logged and does not stop the
    others.
    """
    _expedite(shop_id)
    done = 0
    for asked in _claim(shop_id):
        done += _safely(_ask, asked, config)
    for order_id, whose in _overdue(shop_id):
        done += _safely(_end, order_id, whose)
    return done


def _safely(work: Callable[..., bool], *args: Any) -> bool:
    try:
        return work(*args)
    except Exception as broken:
        db.session.rollback()
        log.error("a pending payment could not be processed: %s", type(broken).__name__, exc_info=broken)
        return False


def _shops(shop_id: int | None) -> AbstractContextManager[None]:
    return all_tenants() if shop_id is None else in_shop(shop_id)


def _expedite(shop_id: int | None) -> None:
    """Query attempts of orders past their deadline, once after the deadline."""
    row, now = PaymentAttempt, clock.now()
    order_is_over = exists().where(
        Order.id == row.order_id,
        text(AWAITS_PAYMENT),
        Order.pay_by <= now,
        or_(row.asked_at.is_(None), row.asked_at < Order.pay_by),
    )
    waits = select(row.id).where(text(UNDER_WAY), row.query_at > now, row.provider_id.is_not(None), order_is_over)
    with _shops(shop_id):
        ids = list(db.session.scalars(waits.limit(AT_ONCE)))
        if ids:
            with transaction() as session:
                hurried = update(row).where(row.id.in_(ids), row.query_at > now).values(query_at=now)
                session.execute(hurried.execution_options(synchronize_session=False))


def _claim(shop_id: int | None) -> list[_Asked]:
    """Claim a few due attempts; concurrent workers never get the same one."""
    row, now = PaymentAttempt, clock.now()
    due = select(row.id).where(text(UNDER_WAY), row.query_at <= now).order_by(row.query_at, row.id).limit(ASKED_AT_ONCE)
    with _shops(shop_id):
        if db.session.scalars(due).first() is None:  # the usual case: no write is needed
            return []
        chosen = due.with_for_update(skip_locked=True).cte("due")
        # a claim returns columns; no object is loaded that could be synchronised
        statement = (
            update(row)
            .where(row.id.in_(select(chosen.c.id)))
            .values(query_at=now + LEASE, asked_at=now, queries=row.queries + 1)
            .returning(row.id, row.shop_id, row.order_id, row.method_code, row.provider_id, row.queries)
            .execution_options(synchronize_session=False)
        )
        with transaction() as session:
            return [_Asked(*found) for found in session.execute(statement)]


def _ask(asked: _Asked, config: PaymentConfig) -> bool:
    with in_shop(asked.shop_id):
        gateway = open_gateway(asked.method_code, config) if asked.provider_id else None
        if asked.provider_id is None or not isinstance(gateway, PromptGateway):
            _put_off(asked, may_lapse=True)
            return True
        result = query_attempt(asked.id, asked.order_id, asked.provider_id, gateway)
        if result is None or result.outcome == "open":
            _put_off(asked, may_lapse=result is not None)
    return True


def _put_off(asked: _Asked, *, may_lapse: bool) -> None:
    """Postpone the next query; lapse an attempt that cannot be queried, or that stays open too long."""
    with transaction():
        lock_order(asked.order_id)
        attempt = lock_attempt(asked.id)
        if attempt.state not in {"starting", "waiting"}:
            return
        limit = GIVEN_UP if asked.provider_id else ASKED_FOR
        if may_lapse and clock.now() - attempt.created_at >= limit:
            lapse_attempt(attempt)
        else:
            attempt.query_at = clock.now() + WAITS[min(asked.queries, len(WAITS)) - 1]


def _overdue(only: int | None) -> list[tuple[int, int]]:
    """Return id and shop of orders past their payment or confirmation deadline that no push delays."""
    now, found = clock.now(), dict[int, int]()
    under_way = exists().where(PaymentAttempt.order_id == Order.id, text(UNDER_WAY))
    with _shops(only):
        for awaits, deadline in ((AWAITS_PAYMENT, Order.pay_by), (AWAITS_CONFIRMATION, Order.confirm_by)):
            overdue = (deadline <= now, or_(~under_way, deadline <= now - GRACE))
            statement = select(Order.id, Order.shop_id).where(text(awaits), *overdue).order_by(deadline, Order.id)
            found |= {row.id: row.shop_id for row in db.session.execute(statement.limit(AT_ONCE))}
    return list(found.items())


def _end(order_id: int, shop_id: int) -> bool:
    with in_shop(shop_id):
        return end_unpaid(order_id)


def end_unpaid(order_id: int) -> bool:
    """Cancel an order of the session's shop that was not paid or confirmed in time. Return False if it has time left.

    Stock, the coupon's use and redeemed points return, and the customer is notified, in the same transaction. A pending
    push delays it for a few minutes.
    """
    with transaction():
        order = lock_order(order_id)
        now = clock.now()
        awaits = order.status == OrderStatus.PENDING and order.payment_status in {
            PaymentStatus.PENDING,
            PaymentStatus.FAILED,
        }
        deadline = min(filter(None, (order.pay_by, order.confirm_by)), default=None)
        if not awaits or deadline is None or deadline > now:
            return False
        attempt = find_under_way(order.id)
        if attempt is not None:
            if now < deadline + GRACE:
                return False
            close_attempt(attempt, "lapsed", "", N_("The time to pay had ended."))
        change_status(order, OrderStatus.CANCELLED, SYSTEM, reason=REASON, notify=True)
        return True

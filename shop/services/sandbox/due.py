"""Scheduled work of a shop. To add something, add a line to ``WORK``."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select, text

from shop.db.session import db
from shop.db.tenant import current_shop_id
from shop.domain.dates.days import day_of, start_of
from shop.models import Order, OutboxMessage, PaymentAttempt
from shop.models.orders.order import AWAITS_CONFIRMATION, AWAITS_PAYMENT
from shop.models.payments.payment import UNDER_WAY
from shop.services.app_config import app_config
from shop.services.payments.config import PaymentConfig
from shop.services.payments.reconciliation import GRACE, poll_pending
from shop.services.privacy.retention import apply_retention_of_shop
from shop.services.sandbox.inbox import deliver_messages
from shop.services.shops.settings import get_settings


@dataclass(frozen=True, slots=True)
class DueWork:
    """Scheduled work of the session's shop: when it is next due after a moment, and the function that does it.

    ``run`` returns how much it did.
    """

    name: str
    next_due: Callable[[datetime], datetime | None]
    run: Callable[[], int]


def _next_payment(after: datetime) -> datetime | None:
    """The end of the time to pay or to confirm an order, with its grace, or the next query of a payment."""
    found = []
    for awaits, deadline in ((AWAITS_PAYMENT, Order.pay_by), (AWAITS_CONFIRMATION, Order.confirm_by)):
        for grace in (timedelta(), GRACE):
            first = db.session.scalars(select(func.min(deadline)).where(text(awaits), deadline > after - grace)).one()
            found.append(None if first is None else first + grace)
    query = select(func.min(PaymentAttempt.query_at)).where(text(UNDER_WAY), PaymentAttempt.query_at > after)
    return min(filter(None, [*found, db.session.scalars(query).one()]), default=None)


def _run_payments() -> int:
    return poll_pending(PaymentConfig.of(app_config()), current_shop_id())


def _next_message(after: datetime) -> datetime | None:
    row = OutboxMessage
    return db.session.scalars(select(func.min(row.due_at)).where(row.state == "waiting", row.due_at > after)).one()


def _next_month(after: datetime) -> datetime:
    """The first moment of the next month in the shop's time zone."""
    zone = get_settings().values["shop_timezone"]
    day = (day_of(after, zone).replace(day=1) + timedelta(days=32)).replace(day=1)
    return start_of(day, zone)


WORK: Final = (
    DueWork("payments", _next_payment, _run_payments),
    DueWork("retention", _next_month, lambda: sum(apply_retention_of_shop().values())),
    DueWork("messages", _next_message, deliver_messages),
)
"""In the order of execution at one moment: messages last, as they report the rest."""


def next_due(after: datetime) -> datetime | None:
    """Return when something is next due in the session's shop; None if nothing is."""
    return min(filter(None, (work.next_due(after) for work in WORK)), default=None)


def run_due(rounds: int = 20) -> dict[str, int]:
    """Do what is due in the session's shop until nothing is left; return how much by name."""
    done: dict[str, int] = {}
    for _ in range(rounds):
        now = {work.name: work.run() for work in WORK}
        for name, count in now.items():
            if count:
                done[name] = done.get(name, 0) + count
        if not any(now.values()):
            break
    return done

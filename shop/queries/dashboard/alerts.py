"""The alerts of the overview: each with its rows, until it is resolved or old."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, text

from shop.db.session import db
from shop.models import Customer, MessageChannel, OutboxMessage, PaymentFlag, PrivacyRequest, WebhookEndpoint
from shop.models.outbox import FAILS
from shop.queries.customers.shared_phones import SharedPhone, list_shared_phones
from shop.queries.dashboard.alert_rows import COUNTED, SHOWN, Found
from shop.queries.dashboard.large_orders import LargeOrder, find_large_orders
from shop.queries.dashboard.order_alerts import OrderAtStake, find_missed_points, find_unpaid
from shop.queries.dashboard.points_alerts import (
    BusyDay,
    HeldCustomer,
    OffAccount,
    Shortfall,
    find_busy_customers,
    find_busy_staff,
    find_held_customers,
    find_off_accounts,
    find_shortfalls,
)
from shop.queries.webhooks.deliveries import list_failing_endpoints
from shop.services.loyalty.nightly_check import find_last_check
from shop.services.messaging.accounts import find_channel
from shop.services.messaging.balances import is_balance_low
from shop.services.messaging.spending import MonthlyLimit, find_reached_limit
from shop.services.orders.review_flags import list_open_flags
from shop.services.privacy.requests import list_due
from shop.services.shops.settings import get_settings

__all__ = ["COUNTED", "SHOWN", "Alerts", "FailedMail", "get_alerts"]


class FailedMail(NamedTuple):
    """A mail that failed and is sent again at ``next_try``."""

    id: int
    kind: str
    recipient: str
    customer_id: int | None
    attempts: int
    error: str
    next_try: datetime


@dataclass(frozen=True, slots=True)
class Alerts:
    """All alerts.

    ``ledger`` are the accounts in which the last nightly check found errors; ``unchecked_since`` is its time if it is
    overdue. ``money`` are payments with open review flags.
    """

    ledger: Found[OffAccount]
    unchecked_since: datetime | None
    money: Found[PaymentFlag]
    mails: Found[FailedMail]
    missed: Found[OrderAtStake]
    shortfalls: Found[Shortfall]
    unpaid: Found[OrderAtStake]
    large: Found[LargeOrder]
    redemptions: Found[BusyDay]
    adjustments: Found[BusyDay]
    held: Found[HeldCustomer]
    phones: Found[SharedPhone]
    privacy: Found[PrivacyRequest]
    webhooks: Found[WebhookEndpoint]
    low_balance: MessageChannel | None
    """The SMS account whose balance is below the setting ``sms_low_balance``."""
    message_limit: MonthlyLimit | None
    """The month's limit of message cost, once it stops messages."""

    @property
    def count(self) -> int:
        """The number of alerts."""
        alerts = (
            self.ledger,
            self.unchecked_since,
            self.money,
            self.mails,
            self.missed,
            self.shortfalls,
            self.unpaid,
            self.large,
            self.redemptions,
            self.adjustments,
            self.held,
            self.phones,
            self.privacy,
            self.webhooks,
            self.low_balance,
            self.message_limit,
        )
        return sum(1 for alert in alerts if alert)


def get_alerts() -> Alerts:
    """Return the alerts of the session's shop."""
    settings = get_settings()
    check = find_last_check()
    large = find_large_orders(max(2, int(settings.values["guest_max_quantity"]) // 2), COUNTED)
    return Alerts(
        ledger=find_off_accounts(check) if check is not None else Found(),
        unchecked_since=check.finished_at if check is not None and check.overdue else None,
        money=_flagged_money(),
        mails=_failed_mails(),
        missed=find_missed_points(settings),
        shortfalls=find_shortfalls(),
        unpaid=find_unpaid(),
        large=Found(large[:SHOWN], len(large)),
        redemptions=find_busy_customers(settings),
        adjustments=find_busy_staff(settings),
        held=find_held_customers(),
        phones=_shared_phones(),
        privacy=_due_requests(),
        webhooks=_failing_endpoints(),
        low_balance=find_channel("sms") if is_balance_low() else None,
        message_limit=find_reached_limit(),
    )


def _due_requests() -> Found[PrivacyRequest]:
    due = list_due(COUNTED)
    return Found(due[:SHOWN], len(due))


def _failing_endpoints() -> Found[WebhookEndpoint]:
    failing = list_failing_endpoints(COUNTED)
    return Found(failing[:SHOWN], len(failing))


def _flagged_money() -> Found[PaymentFlag]:
    """Return the payments with open review flags."""
    flags = list_open_flags(COUNTED)
    return Found(flags[:SHOWN], len(flags))


def _shared_phones() -> Found[SharedPhone]:
    shared = list_shared_phones(COUNTED)
    return Found(shared[:SHOWN], len(shared))


def _failed_mails() -> Found[FailedMail]:
    row = OutboxMessage
    mails = db.session.scalars(select(row).where(text(FAILS)).order_by(row.id.desc()).limit(COUNTED)).all()
    shown = mails[:SHOWN]
    known = select(Customer.email, Customer.id).where(Customer.email.in_([mail.recipient for mail in shown]))
    people: dict[str, int] = {row.email: row.id for row in db.session.execute(known)}
    rows = [
        FailedMail(
            mail.id,
            mail.kind,
            mail.recipient or "",
            people.get(mail.recipient or ""),
            mail.attempts,
            mail.last_error or "",
            mail.due_at,
        )
        for mail in shown
    ]
    return Found(rows, len(mails))

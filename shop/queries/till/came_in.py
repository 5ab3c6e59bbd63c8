"""Payments by M-Pesa that came in a moment ago and pay nothing yet."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import select, text

from shop.db.session import db
from shop.domain.customers.contact import readable_phone
from shop.domain.payments.received import ReceivedState
from shop.domain.payments.requests import OPEN_STATES
from shop.models import ProviderRequest, ReceivedPayment
from shop.models.payments.received_payment import WAITS_FOR_CLAIM
from shop.services import clock

RECENT: Final = timedelta(minutes=15)
SHOWN: Final = 6


class CameIn(NamedTuple):
    """A payment, with no more of the payer than three digits of the phone."""

    receipt: str
    amount_cents: int
    paid_at: datetime
    phone: str


def list_came_in() -> list[CameIn]:
    """Return the payments of the last 15 minutes that wait for a claim, newest first."""
    row, now = ReceivedPayment, clock.now()
    returning = select(ProviderRequest.id).where(
        ProviderRequest.payment_id == row.id, ProviderRequest.state.in_(OPEN_STATES)
    )
    wanted = (
        text(WAITS_FOR_CLAIM),
        row.state == ReceivedState.UNMATCHED,
        row.paid_at.between(now - RECENT, now + RECENT),
        ~returning.exists(),
    )
    found = select(row.transaction_id, row.amount_cents, row.paid_at, row.phone).where(*wanted)
    rows = db.session.execute(found.order_by(row.paid_at.desc(), row.id.desc()).limit(SHOWN))
    return [CameIn(receipt, cents, paid_at, _mask(phone)) for receipt, cents, paid_at, phone in rows]


def find_came_in(receipt: str) -> CameIn | None:
    """Return one of them; None if it is used meanwhile, or never was one."""
    return next((each for each in list_came_in() if each.receipt == receipt), None)


def _mask(phone: str | None) -> str:
    readable = readable_phone(phone, "KE") if phone else ""
    return f"{readable[:4]} ••• {readable[-3:]}" if readable else ""

"""One-time codes that a customer shows at the till, on their own page, instead of waiting for a message."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.codes import code_from_nonce
from shop.domain.text.messages import N_
from shop.models import OtpChallenge
from shop.services import clock, rate_limits
from shop.services.loyalty.otp import TRIES_FROM_ELSEWHERE, OtpConfig, customer_subject, open_challenge, origin_of


@dataclass(frozen=True, slots=True, repr=False)
class ShownCode:
    """A code and when it expires. Without a ``repr`` that could be logged."""

    code: str
    expires_at: datetime


def show_code(customer_id: int, config: OtpConfig) -> ShownCode:
    """Return a new code in place of the one shown before; codes that were sent stay valid. Raise TooOften."""
    key = config.secret_key
    with transaction():
        rate_limits.hit(
            f"show-code:{customer_id}",
            rate_limits.CODES_SHOWN_PER_CUSTOMER,
            message=N_("Too many codes were requested from here. Try again later."),
        )
        open_challenge(customer_subject(customer_id, key), customer_id, _page(customer_id), key)
        shown = find_shown_code(customer_id, config)
        assert shown is not None, "just opened"
        return shown


def find_shown_code(customer_id: int, config: OtpConfig) -> ShownCode | None:
    """Return the code shown last if the till still accepts it."""
    statement = select(OtpChallenge.nonce, OtpChallenge.expires_at).where(
        OtpChallenge.customer_id == customer_id,
        OtpChallenge.nonce.startswith(origin_of(_page(customer_id), config.secret_key), autoescape=True),
        OtpChallenge.tries < TRIES_FROM_ELSEWHERE,
        OtpChallenge.used_at.is_(None),
        OtpChallenge.voided_at.is_(None),
        OtpChallenge.expires_at > clock.now(),
    )
    found = db.session.execute(statement.order_by(OtpChallenge.id.desc())).first()
    return None if found is None else ShownCode(code_from_nonce(config.secret_key, found.nonce), found.expires_at)


def _page(customer_id: int) -> str:
    """Return a key in place of the requesting address: a new code voids only those of the customer's page."""
    return f"page:{customer_id}"

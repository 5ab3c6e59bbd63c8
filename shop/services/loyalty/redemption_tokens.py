"""Tokens for redeeming points, each used once (``docs/contract/points.md``, One-time codes and tokens)."""

from datetime import timedelta

from sqlalchemy import bindparam, insert, select, update

from shop.db.prepared import SHOP, PreparedQuery, table
from shop.domain.codes import (
    hash_secret,
    new_token,
)
from shop.models import RedemptionToken
from shop.services import clock
from shop.services.errors import InvalidInput

_T = table(RedemptionToken).c


_GOOD = (
    _T.shop_id == SHOP,
    _T.token_hash == bindparam("hashed"),
    _T.customer_id == bindparam("customer"),
    _T.used_at.is_(None),
    _T.expires_at > bindparam("now"),
)
"""A token that this customer could use now."""


_ISSUE = PreparedQuery(insert(table(RedemptionToken)))


_IS_GOOD = PreparedQuery(select(_T.id).where(*_GOOD))


_USE = PreparedQuery(
    update(table(RedemptionToken))
    .where(*_GOOD)
    .values(used_at=bindparam("now", type_=_T.used_at.type), order_id=bindparam("order"))
)


def issue_token(customer_id: int, minutes: int) -> str:
    """Create a redemption token of a customer, valid for ``minutes``, in the caller's transaction."""
    token = new_token()
    now = clock.now()
    expires_at = now + timedelta(minutes=minutes)
    _ISSUE(customer_id=customer_id, token_hash=hash_secret(token), expires_at=expires_at, created_at=now)
    return token


def token_is_good(token: str, customer_id: int) -> bool:
    """Return whether this customer could use a token now."""
    return _IS_GOOD(hashed=hash_secret(token), customer=customer_id, now=clock.now()).first() is not None


def use_token(token: str, customer_id: int, order_id: int) -> None:
    """Use a token for an order, in the order's transaction; a rollback restores it.

    Raises InvalidInput with the same code for an unknown, used or expired token, or another customer's.
    """
    used = _USE(hashed=hash_secret(token), customer=customer_id, now=clock.now(), order=order_id)
    if used.rowcount != 1:
        raise bad_token()


def bad_token() -> InvalidInput:
    """Return the error for an invalid token."""
    return InvalidInput.of(
        "loyalty_redemption.token", "is no longer valid; request a new code", code="invalid_redemption_token"
    )

"""Shoppers' sessions, separate from those of staff, identified by a random token in a cookie.

The token is replaced at every sign-in and sign-out, so that a token planted before a sign-in is worthless after it.
"""

from datetime import timedelta

from sqlalchemy import delete, select, update

from shop.db.session import db
from shop.db.transaction import transaction
from shop.db.upsert import purge_batch
from shop.domain.codes import hash_secret, new_token
from shop.models import ShopperSession
from shop.services import clock
from shop.services.actors import Shopper

SESSION_LIFE = timedelta(days=30)
RECENT = timedelta(hours=24)
"""For so long after a sign-in the customer's page shows codes to pay with points."""


def find_shopper(token: str) -> Shopper | None:
    """Return the shopper of a cookie's token; None if it is unknown, ended or expired."""
    row = db.session.scalars(
        select(ShopperSession).where(
            ShopperSession.token_hash == hash_secret(token), ShopperSession.expires_at > clock.now()
        )
    ).first()
    return Shopper(row.id, row.customer_id, row.signup_id) if row is not None else None


def get_session(session_id: int) -> Shopper | None:
    """Return the session with an id; None if it has ended."""
    row = db.session.scalars(select(ShopperSession).where(ShopperSession.id == session_id)).first()
    return Shopper(row.id, row.customer_id, row.signup_id) if row is not None else None


def is_recent(shopper: Shopper) -> bool:
    """Return whether the session was signed in within :data:`RECENT`."""
    since = clock.now() + SESSION_LIFE - RECENT
    found = select(ShopperSession.id).where(ShopperSession.id == shopper.session_id, ShopperSession.expires_at > since)
    return db.session.scalars(found).first() is not None


def begin_session(
    shopper: Shopper | None, *, customer_id: int | None = None, signup_id: int | None = None
) -> tuple[Shopper, str]:
    """Sign a session (a new one without ``shopper``) in or out, in the caller's transaction.

    Returns the session and its new token; the previous token is void.
    """
    now, token = clock.now(), new_token()
    values = {
        "token_hash": hash_secret(token),
        "customer_id": customer_id,
        "signup_id": signup_id,
        "expires_at": now + SESSION_LIFE,
    }
    if shopper is not None:
        changed = db.session.execute(
            update(ShopperSession).where(ShopperSession.id == shopper.session_id).values(**values)
        )
        if changed.rowcount == 1:  # type: ignore[attr-defined]
            return Shopper(shopper.session_id, customer_id, signup_id), token
    row = ShopperSession(**values, created_at=now)
    db.session.add(row)
    db.session.flush()
    return Shopper(row.id, customer_id, signup_id), token


def end_session(shopper: Shopper) -> None:
    """End a session: its token is void."""
    with transaction() as session:
        session.execute(delete(ShopperSession).where(ShopperSession.id == shopper.session_id))


def end_sessions(customer_id: int) -> None:
    """End all sessions of a customer, in the caller's transaction."""
    db.session.execute(delete(ShopperSession).where(ShopperSession.customer_id == customer_id))


def forget_signup(signup_id: int) -> None:
    """Make the sessions of an unverified account guests' again, in the caller's transaction."""
    db.session.execute(update(ShopperSession).where(ShopperSession.signup_id == signup_id).values(signup_id=None))


def purge_sessions() -> int:
    """Delete expired sessions of the session's shops; return how many."""
    return purge_batch(ShopperSession, ShopperSession.expires_at < clock.now())

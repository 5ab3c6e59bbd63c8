"""Code challenges as the worker meets them: still worth a mail, or old enough to go."""

from datetime import timedelta

from sqlalchemy import select

from shop.db.session import db
from shop.db.upsert import purge_batch
from shop.models import OtpChallenge
from shop.models.loyalty.otp import MAX_TRIES
from shop.services import clock

KEPT = timedelta(hours=24)


def find_open_challenge(challenge_id: int) -> OtpChallenge | None:
    """A challenge of a customer whose code would still be taken; None for one replaced, used, guessed at or expired."""
    statement = select(OtpChallenge).where(
        OtpChallenge.id == challenge_id,
        OtpChallenge.customer_id.is_not(None),
        OtpChallenge.tries < MAX_TRIES,
        OtpChallenge.used_at.is_(None),
        OtpChallenge.voided_at.is_(None),
        OtpChallenge.expires_at > clock.now(),
    )
    return db.session.scalars(statement).first()


def purge_challenges() -> int:
    """Delete challenges of the session's shops that were asked for more than 24 hours ago; how many there were."""
    return purge_batch(OtpChallenge, OtpChallenge.created_at < clock.now() - KEPT)

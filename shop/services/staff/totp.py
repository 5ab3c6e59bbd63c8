"""Authenticator apps as a second factor: time-based codes (RFC 6238), six digits, 30 seconds."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyotp
from sqlalchemy import delete, select, update

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import StaffTotp
from shop.services import clock, encryption
from shop.services.errors import InvalidInput

PURPOSE = b"tuza staff second factor v1"
ISSUER = "Tuza"
STEP_SECONDS = 30


@dataclass(frozen=True, slots=True, repr=False)
class TotpSetup:
    """The secret to type into an authenticator app, and the URI for a QR code."""

    secret: str
    uri: str


def start_totp(user_id: int, email: str, keys: Sequence[str]) -> TotpSetup:
    """Return the secret of an app that is not confirmed; the same one until a code was entered."""
    with transaction() as session:
        row = _lock(user_id)
        if row is not None and row.confirmed_at is not None:
            raise InvalidInput.of("code", "is not needed: an authenticator app is set up already")
        secret = _read(row, keys) if row is not None else None
        if secret is None:
            secret = pyotp.random_base32()
            session.execute(delete(StaffTotp).where(StaffTotp.staff_user_id == user_id))
            values = {
                "staff_user_id": user_id,
                "secret": _encrypt(user_id, secret, keys),
                "created_at": clock.real_now(),
            }
            session.add(StaffTotp(**values))
    return TotpSetup(secret, pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER))


def confirm_totp(user_id: int, code: str, keys: Sequence[str]) -> None:
    """Confirm the app, in the caller's transaction. Raise InvalidInput for a wrong code."""
    row = _lock(user_id)
    if row is None or not _matches(row, code, keys):
        raise InvalidInput.of("code", "is wrong. Enter the code that the app shows now")
    row.confirmed_at = row.confirmed_at or clock.real_now()
    db.session.flush()


def totp_matches(user_id: int, code: str, keys: Sequence[str]) -> bool:
    """Return whether a code is valid, and use it up, in the caller's transaction."""
    row = _lock(user_id)
    return row is not None and row.confirmed_at is not None and _matches(row, code, keys)


def has_totp(user_id: int) -> bool:
    """Return whether a person has set up an authenticator app."""
    found = select(StaffTotp.id).where(StaffTotp.staff_user_id == user_id, StaffTotp.confirmed_at.is_not(None))
    return db.session.scalars(found).first() is not None


def delete_totp(user_id: int) -> None:
    """Remove a person's app, in the caller's transaction."""
    db.session.execute(delete(StaffTotp).where(StaffTotp.staff_user_id == user_id))


def rotate_totp_key(keys: Sequence[str]) -> int:
    """Encrypt all secrets with the newest key and return how many; undecryptable ones are unchanged."""
    count = 0
    with transaction() as session:
        for row in session.scalars(select(StaffTotp).order_by(StaffTotp.id).with_for_update()).all():
            secret = _read(row, keys)
            if secret is not None:
                changed = {"secret": _encrypt(row.staff_user_id, secret, keys)}
                session.execute(update(StaffTotp).where(StaffTotp.id == row.id).values(**changed))
                count += 1
    return count


def _matches(row: StaffTotp, code: str, keys: Sequence[str]) -> bool:
    """Return whether a code is valid now, or one step before or after; a step counts once."""
    secret, now = _read(row, keys), clock.real_now()
    if secret is None:
        return False
    step = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    for tried in (step, step - 1, step + 1):
        if tried > row.last_step and totp.verify(code, for_time=tried * STEP_SECONDS):
            row.last_step = tried
            db.session.flush()
            return True
    return False


def _lock(user_id: int) -> StaffTotp | None:
    return db.session.scalars(select(StaffTotp).where(StaffTotp.staff_user_id == user_id).with_for_update()).first()


def _read(row: StaffTotp, keys: Sequence[str]) -> str | None:
    values = encryption.decrypt(row.secret, keys, purpose=PURPOSE, place=str(row.staff_user_id))
    return values["secret"] if values else None


def _encrypt(user_id: int, secret: str, keys: Sequence[str]) -> str:
    return encryption.encrypt({"secret": secret}, keys, purpose=PURPOSE, place=str(user_id))

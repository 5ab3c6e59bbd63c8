"""The second factor of staff: an authenticator app, passkeys, and recovery codes."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, func, select, update

from shop.db.session import db
from shop.db.tenant import in_shop
from shop.db.transaction import transaction
from shop.domain.codes import hash_secret
from shop.domain.text.messages import N_
from shop.models import Membership, StaffPasskey, StaffRecoveryCode, StaffTotp, StaffUser
from shop.services import audit_log, clock, rate_limits
from shop.services.actors import Actor
from shop.services.errors import Conflict, InvalidInput, NotFound
from shop.services.shops.settings import get_settings
from shop.services.staff import passkeys, totp
from shop.services.staff.accounts import StaffMember
from shop.services.staff.members import get_person
from shop.services.staff.notices import notify
from shop.services.staff.sessions import finish_setup

CODES: Final = 10
ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters and digits that look alike."""
GROUPS, GROUP_LENGTH = 4, 4


@dataclass(frozen=True, slots=True)
class FactorStatus:
    """The factors that a person has set up."""

    totp: bool
    passkeys: int
    recovery_codes: int
    """The number of unused codes."""

    @property
    def is_set_up(self) -> bool:
        """Whether signing in requires a second factor."""
        return self.totp or self.passkeys > 0


def get_factor_status(user_id: int) -> FactorStatus:
    left = select(func.count(StaffRecoveryCode.id)).where(
        StaffRecoveryCode.staff_user_id == user_id, StaffRecoveryCode.used_at.is_(None)
    )
    codes = db.session.scalars(left).one()
    return FactorStatus(totp.has_totp(user_id), len(passkeys.list_passkeys(user_id)), codes)


def list_with_factor() -> set[int]:
    """Return the ids of the shop's staff who have set up a second factor."""
    staff = select(Membership.staff_user_id)
    apps = select(StaffTotp.staff_user_id).where(
        StaffTotp.confirmed_at.is_not(None), StaffTotp.staff_user_id.in_(staff)
    )
    keys = select(StaffPasskey.staff_user_id).where(StaffPasskey.staff_user_id.in_(staff))
    return set(db.session.scalars(apps)) | set(db.session.scalars(keys))


def is_required(shop_id: int) -> bool:
    """Return whether a shop requires a second factor of all its staff."""
    with in_shop(shop_id):
        return get_settings().values["staff_second_factor_required"] == "true"


def add_totp(member: StaffMember, code: str, keys: Sequence[str]) -> list[str]:
    """Confirm the authenticator app; return new recovery codes if there were none. Raise InvalidInput: wrong code."""
    with transaction():
        totp.confirm_totp(member.user_id, code, keys)
        return _added(member, "totp")


def add_passkey(member: StaffMember, answer: str, challenge: str, site: passkeys.Site, name: str) -> list[str]:
    """Store a new passkey; return new recovery codes if there were none. Raise InvalidInput."""
    with transaction():
        passkeys.add_passkey(member.user_id, answer, challenge, site, name)
        return _added(member, "passkey")


def _added(member: StaffMember, factor: str) -> list[str]:
    finish_setup(member.user_id)
    notify("second_factor_added", member.user_id)
    audit_log.record(member.actor, "staff.second_factor_added", f"staff:{member.user_id}", new=factor)
    return [] if get_factor_status(member.user_id).recovery_codes else _replace_codes(member.user_id)


def remove_totp(member: StaffMember) -> None:
    """Remove one's authenticator app. Raise Conflict for the last factor if the shop requires one."""
    with transaction():
        totp.delete_totp(member.user_id)
        _removed(member, "totp")


def remove_passkey(member: StaffMember, passkey_id: int) -> None:
    """Remove one's passkey. Raise NotFound; Conflict for the last factor if the shop requires one."""
    with transaction():
        if not passkeys.delete_passkeys(member.user_id, passkey_id):
            raise NotFound("There is no such passkey.")
        _removed(member, "passkey")


def _removed(member: StaffMember, factor: str) -> None:
    if not get_factor_status(member.user_id).is_set_up:
        if is_required(member.shop_id):
            raise Conflict("Your shop requires a second factor. Set up another one first.", code="factor_required")
        _delete_codes(member.user_id)
    audit_log.record(member.actor, "staff.second_factor_removed", f"staff:{member.user_id}", old=factor)


def replace_recovery_codes(member: StaffMember) -> list[str]:
    """Return new recovery codes; earlier ones are void."""
    with transaction():
        audit_log.record(member.actor, "staff.recovery_codes_replaced", f"staff:{member.user_id}")
        return _replace_codes(member.user_id)


def check_factor_code(member: StaffMember, code: str, keys: Sequence[str]) -> bool:
    """Return whether a code of the app or a recovery code is right, and use it up. Raise TooOften.

    Every attempt is counted, for the person, across processes; in real time, which a sandbox's clock does not move.
    """
    with in_shop(member.shop_id), clock.in_real_time(), transaction():
        rate_limits.hit(
            f"second-factor:{member.user_id}",
            *rate_limits.SECOND_FACTOR_ATTEMPTS,
            message=N_("Too many attempts. Wait a while, then try again."),
        )
        typed = "".join(code.split()).replace("-", "").lower()
        return totp.totp_matches(member.user_id, typed, keys) or _use_recovery_code(member, typed)


def _use_recovery_code(member: StaffMember, typed: str) -> bool:
    used = db.session.execute(
        update(StaffRecoveryCode)
        .where(
            StaffRecoveryCode.staff_user_id == member.user_id,
            StaffRecoveryCode.code_hash == hash_secret(typed),
            StaffRecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.real_now())
    )
    if not used.rowcount:  # type: ignore[attr-defined]
        return False
    audit_log.record(member.actor, "staff.recovery_code_used", f"staff:{member.user_id}")
    return True


def reset_second_factor(user_id: int, actor: Actor) -> None:
    """Remove all factors of a person of the session's shop who has lost them. Raise NotFound, InvalidInput."""
    with transaction():
        get_person(user_id)
        if user_id == actor.id and actor.kind == "staff":
            raise InvalidInput("Another owner must reset your second factor.")
        _forget(user_id)
        notify("second_factor_reset", user_id)
        audit_log.record(actor, "staff.second_factor_reset", f"staff:{user_id}")


def reset_by_email(email: str) -> StaffUser:
    """Remove all factors of a person, for the operator of the installation. Raise NotFound."""
    with transaction() as session:
        user = session.scalars(select(StaffUser).where(StaffUser.email == email.strip().lower())).first()
        if user is None:
            raise NotFound("There is no such person.")
        _forget(user.id)
        notify("second_factor_reset", user.id)
    return user


def _forget(user_id: int) -> None:
    totp.delete_totp(user_id)
    passkeys.delete_passkeys(user_id)
    _delete_codes(user_id)


def _replace_codes(user_id: int) -> list[str]:
    _delete_codes(user_id)
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(GROUPS * GROUP_LENGTH)) for _ in range(CODES)]
    now = clock.real_now()
    db.session.add_all(
        StaffRecoveryCode(staff_user_id=user_id, code_hash=hash_secret(code), created_at=now) for code in codes
    )
    db.session.flush()
    return ["-".join(code[at : at + GROUP_LENGTH] for at in range(0, len(code), GROUP_LENGTH)) for code in codes]


def _delete_codes(user_id: int) -> None:
    db.session.execute(delete(StaffRecoveryCode).where(StaffRecoveryCode.staff_user_id == user_id))

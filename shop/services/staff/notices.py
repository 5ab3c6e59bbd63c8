"""Mails to staff members: of changes to their own account, and to the owners of a shop."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import in_shop
from shop.domain.statuses import Role
from shop.models import Membership, StaffUser
from shop.services import outbox
from shop.services.staff.accounts import find_member

NOTICES = ("new_device", "password_changed", "second_factor_added", "second_factor_reset")


def notify(notice: str, user_id: int, **details: str) -> None:
    """Notify a person, in the caller's transaction; no-op for one without a shop.

    ``details`` are texts for the mail: of a new device, ``browser``, ``system``, ``address`` and the time ``at``.
    """
    if notice not in NOTICES:
        raise LookupError(notice)
    email = db.session.scalars(select(StaffUser.email).where(StaffUser.id == user_id)).first()
    member = find_member(user_id)
    if member is not None and email is not None:
        with in_shop(member.shop_id):
            outbox.enqueue("staff_notice", {"notice": notice, **details}, recipient=email)


def notify_owners(kind: str, payload: Mapping[str, Any]) -> None:
    """Enqueue a mail to each owner of the session's shop, in the caller's transaction."""
    owners = select(StaffUser.email).join(Membership, Membership.staff_user_id == StaffUser.id)
    for email in db.session.scalars(owners.where(Membership.role == Role.OWNER).order_by(Membership.id)):
        outbox.enqueue(kind, dict(payload), recipient=email)

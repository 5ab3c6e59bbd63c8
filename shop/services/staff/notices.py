"""Mails that notify staff members of changes to their own account."""

from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import in_shop
from shop.models import StaffUser
from shop.services import outbox
from shop.services.staff.accounts import find_member

NOTICES = ("new_device", "password_changed", "second_factor_added", "second_factor_reset")


def notify(notice: str, user_id: int, **details: str) -> None:
    """Notify a person, in the caller's transaction; no-op for one without a shop.

    ``details`` are texts for the mail: of a new device, ``browser``, ``system`` and ``address``.
    """
    if notice not in NOTICES:
        raise LookupError(notice)
    email = db.session.scalars(select(StaffUser.email).where(StaffUser.id == user_id)).first()
    member = find_member(user_id)
    if member is not None and email is not None:
        with in_shop(member.shop_id):
            outbox.enqueue("staff_notice", {"notice": notice, **details}, recipient=email)

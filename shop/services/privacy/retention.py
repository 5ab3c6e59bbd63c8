"""Retention: which data is deleted after which period, and how many rows that is now.

A shop's data follows the shop's settings. Accounts of former staff and copies of the database belong to the whole
installation; they follow the shortest period of any shop.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, or_, select

from shop.db.session import db
from shop.db.tenant import all_tenants, in_shop
from shop.db.transaction import transaction
from shop.db.upsert import PURGED_AT_ONCE, purge_batch
from shop.models import (
    AbandonedCart,
    AuditEntry,
    Consent,
    Customer,
    CustomerNote,
    LoyaltyRegistration,
    OutboxMessage,
    PrivacyRequest,
)
from shop.models.base import Base
from shop.services import clock
from shop.services.actors import SYSTEM
from shop.services.customers.erasure.deletion import delete_customer
from shop.services.customers.uploads import drop_picture
from shop.services.errors import NotFound
from shop.services.privacy.former_staff import count_former_staff, delete_former_staff
from shop.services.privacy.old_copies import delete_old_copies, find_old_copies
from shop.services.shops.settings import get_settings
from shop.services.shops.shops import list_shops

GUESTS_AT_ONCE: Final = 100
Conditions = Callable[[datetime], list[ColumnElement[bool]]]


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """The rows of ``model`` that are older than the period of ``setting`` (days; 0 keeps them, but for ID pictures)."""

    name: str
    setting: str
    model: type[Base]
    conditions: Conditions
    remove: Callable[["RetentionRule", datetime], int]
    zero_keeps: bool = True

    def cutoff(self) -> datetime | None:
        """Return the time before which rows are too old in the session's shop; None if they are kept."""
        days = int(get_settings().values[self.setting])
        return clock.now() - timedelta(days=days) if days or not self.zero_keeps else None

    def count(self) -> int:
        """Return how many rows of the session's shop are too old."""
        cutoff = self.cutoff()
        if cutoff is None:
            return 0
        rows = select(func.count()).select_from(self.model).where(*self.conditions(cutoff))
        return db.session.scalars(rows).one()


def _guests(cutoff: datetime) -> list[ColumnElement[bool]]:
    """Return customers without account, points, programme, notes, consents or open request, idle since ``cutoff``."""
    row = Customer
    about = (LoyaltyRegistration, CustomerNote, Consent, PrivacyRequest)
    return [
        row.password_hash.is_(None),
        row.points_balance == 0,
        row.total_orders <= 1,
        row.updated_at < cutoff,
        or_(row.last_order_at.is_(None), row.last_order_at < cutoff),
        *(~select(each.id).where(each.customer_id == row.id).exists() for each in about),
    ]


def _carts(cutoff: datetime) -> list[ColumnElement[bool]]:
    return [AbandonedCart.created_at < cutoff]


def _messages(cutoff: datetime) -> list[ColumnElement[bool]]:
    return [OutboxMessage.state != "waiting", OutboxMessage.finished_at < cutoff]


def _audit(cutoff: datetime) -> list[ColumnElement[bool]]:
    return [AuditEntry.created_at < cutoff]


def _id_images(cutoff: datetime) -> list[ColumnElement[bool]]:
    row = LoyaltyRegistration
    return [row.id_image.is_not(None), row.status != "pending", row.updated_at < cutoff]


def _requests(cutoff: datetime) -> list[ColumnElement[bool]]:
    return [PrivacyRequest.handled_at < cutoff]


def _purge(rule: RetentionRule, cutoff: datetime) -> int:
    total, gone = 0, PURGED_AT_ONCE
    while gone == PURGED_AT_ONCE:  # each batch in its own short transaction
        with transaction():
            gone = purge_batch(rule.model, *rule.conditions(cutoff))
        total += gone
    return total


def _erase(rule: RetentionRule, cutoff: datetime) -> int:
    found = select(Customer.id).where(*rule.conditions(cutoff)).order_by(Customer.id).limit(GUESTS_AT_ONCE)
    ids = db.session.scalars(found).all()
    for customer_id in ids:
        try:
            delete_customer(customer_id, SYSTEM)
        except NotFound:  # another worker erased them in the meantime
            continue
    return len(ids)


def _drop_images(rule: RetentionRule, cutoff: datetime) -> int:
    with transaction() as session:
        found = select(LoyaltyRegistration).where(*rule.conditions(cutoff)).limit(PURGED_AT_ONCE)
        rows = session.scalars(found.with_for_update(skip_locked=True)).all()
        names = [row.id_image for row in rows]
        for row in rows:
            row.id_image = None
    for name in names:
        drop_picture(name)
    return len(names)


RULES: Final = (
    RetentionRule("guests", "retention_guest_days", Customer, _guests, _erase),
    RetentionRule("carts", "retention_cart_days", AbandonedCart, _carts, _purge),
    RetentionRule("messages", "retention_message_days", OutboxMessage, _messages, _purge),
    RetentionRule("requests", "retention_request_days", PrivacyRequest, _requests, _purge),
    RetentionRule("audit", "retention_audit_days", AuditEntry, _audit, _purge),
    RetentionRule(
        "id_images", "retention_id_image_days", LoyaltyRegistration, _id_images, _drop_images, zero_keeps=False
    ),
)
STAFF, COPIES = "retention_staff_days", "retention_copy_days"


def count_expired() -> dict[str, int]:
    """Return, by rule, how many rows of the session's shop, and of the installation, are too old."""
    counts = {rule.name: rule.count() for rule in RULES}
    staff, copies = _shortest(STAFF), _shortest(COPIES)
    counts["former_staff"] = count_former_staff(staff) if staff else 0
    counts["copies"] = len(find_old_copies(copies)) if copies else 0
    return counts


def apply_retention() -> dict[str, int]:
    """Delete what is too old in all shops; return the number by rule.

    At most :data:`GUESTS_AT_ONCE` guests of a shop are erased in one call.
    """
    removed = dict.fromkeys([rule.name for rule in RULES], 0)
    for shop in list_shops():
        with in_shop(shop.id):
            for name, count in apply_retention_of_shop().items():
                removed[name] += count
    staff, copies = _shortest(STAFF), _shortest(COPIES)
    with all_tenants():
        removed["former_staff"] = delete_former_staff(staff) if staff else 0
    removed["copies"] = delete_old_copies(copies) if copies else 0
    db.session.rollback()
    return removed


def apply_retention_of_shop() -> dict[str, int]:
    """Delete what is too old in the session's shop; return by rule how much it was."""
    cutoffs = {rule: rule.cutoff() for rule in RULES}
    return {rule.name: rule.remove(rule, cutoff) if cutoff else 0 for rule, cutoff in cutoffs.items()}


def _shortest(setting: str) -> datetime | None:
    """Return the cutoff by the shortest period of any shop; None if all keep the data."""
    periods = []
    for shop in list_shops():
        with in_shop(shop.id):
            periods.append(int(get_settings().values[setting]))
    days = min(filter(None, periods), default=None)
    return clock.now() - timedelta(days=days) if days else None

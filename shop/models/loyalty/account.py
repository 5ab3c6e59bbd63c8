"""The ledger of points: accounts, their append-only entries, and who takes part."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.domain.statuses import EntryKind
from shop.models.base import (
    Base,
    BigId,
    BigInt,
    Code,
    IntPk,
    LongText,
    Name,
    Phone,
    ShopOwned,
    Stamped,
    id_in_shop,
    in_shop,
    kept_without_name,
    never_negative,
    one_of,
)
from shop.models.customers.customer import Customer
from shop.models.orders.order import Order

REGISTRATION_STATUSES = ("pending", "approved", "rejected")


class LoyaltyAccount(ShopOwned, Stamped, Base):
    """What one customer holds. Written in one transaction with the entry that changes it (``docs/contract/points.md``).

    ``entries_count`` is the number of the last entry. ``shortfall`` are points that could not be taken back because
    they were spent; the next points given back settle them first. ``customer_id`` is None for a deleted customer.
    """

    __tablename__ = "loyalty_accounts"
    __table_args__ = (
        UniqueConstraint("shop_id", "customer_id"),
        id_in_shop(),
        in_shop("customers", "customer_id"),
        Index(None, "shop_id", "points_balance"),
        Index("ix_loyalty_accounts_opened", "shop_id", "created_at", "customer_id"),
        *never_negative("points_balance", "lifetime_earned", "entries_count", "shortfall"),
        kept_without_name(),
    )

    id: Mapped[IntPk]
    customer_id: Mapped[int | None] = mapped_column(BigId)
    points_balance: Mapped[BigInt] = mapped_column(default=0)
    lifetime_earned: Mapped[BigInt] = mapped_column(default=0)
    entries_count: Mapped[BigInt] = mapped_column(default=0)
    shortfall: Mapped[BigInt] = mapped_column(default=0, server_default="0")

    customer: Mapped[Customer | None] = relationship(
        primaryjoin="foreign(LoyaltyAccount.customer_id) == Customer.id", viewonly=True
    )


class LoyaltyEntry(ShopOwned, Base):
    """One movement of points. Never updated, never deleted: triggers on both engines refuse it.

    ``seq`` counts 1, 2, 3 … within the account; ``idempotency_key`` names what made it and is unique in the shop, so
    no award or return happens twice. Only a reversed earning may be 0 points: it records that nothing was left.
    """

    __tablename__ = "loyalty_entries"
    __table_args__ = (
        UniqueConstraint("account_id", "seq"),
        UniqueConstraint("shop_id", "idempotency_key"),
        id_in_shop(),
        in_shop("loyalty_accounts", "account_id"),
        in_shop("orders", "order_id"),
        Index(None, "shop_id", "order_id"),
        Index(None, "shop_id", "created_at"),
        Index("ix_loyalty_entries_sums", "shop_id", "kind", "created_at", "points", "account_id"),
        Index("ix_loyalty_entries_actors", "shop_id", "actor_kind", "actor_id", "kind", "created_at", "points"),
        one_of("kind", EntryKind),
        *never_negative("balance_after"),
        CheckConstraint("seq > 0", name="seq_positive"),
        CheckConstraint("points <> 0 OR kind = 'earn_reversed'", name="points_not_zero"),
        CheckConstraint("kind <> 'order_earned' OR points > 0", name="earn_adds"),
        CheckConstraint("kind <> 'order_redeemed' OR points < 0", name="redeem_takes"),
        kept_without_name(),
    )

    id: Mapped[IntPk]
    account_id: Mapped[int] = mapped_column(BigId)
    seq: Mapped[BigInt]
    kind: Mapped[Code]
    """One of :class:`EntryKind`."""
    points: Mapped[BigInt]
    shortfall: Mapped[BigInt] = mapped_column(default=0, server_default="0")
    """Change of the account's shortfall, signed."""
    event: Mapped[Code | None]
    """What points were given or taken back for, one of :class:`EntryEvent`."""
    balance_after: Mapped[BigInt]
    idempotency_key: Mapped[Name]
    order_id: Mapped[int | None] = mapped_column(BigId)
    system_note: Mapped[LongText] = mapped_column(default="")
    """Words made by the system, such as ``Earned on order ORD-…``; what a person wrote is a ``LoyaltyEntryNote``."""
    actor_kind: Mapped[Code]
    actor_id: Mapped[int | None] = mapped_column(BigId)
    actor_label: Mapped[Name]
    meta: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Why this number: the rule, base, rate and rounding it came from, or a shortfall."""
    expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    account: Mapped[LoyaltyAccount] = relationship(
        primaryjoin="foreign(LoyaltyEntry.account_id) == LoyaltyAccount.id", viewonly=True
    )
    order: Mapped[Order | None] = relationship(primaryjoin="foreign(LoyaltyEntry.order_id) == Order.id", viewonly=True)
    written_note: Mapped["LoyaltyEntryNote | None"] = relationship(
        primaryjoin="foreign(LoyaltyEntryNote.entry_id) == LoyaltyEntry.id", viewonly=True, uselist=False
    )

    @property
    def note(self) -> str:
        """What is shown beside the entry: a person's words if there are any, else the system's."""
        return self.written_note.text if self.written_note is not None else self.system_note


class LoyaltyEntryNote(ShopOwned, Base):
    """What a person wrote with an adjustment. Apart from the entry, so that it can go when the customer is deleted."""

    __tablename__ = "loyalty_entry_notes"
    __table_args__ = (in_shop("loyalty_entries", "entry_id"), UniqueConstraint("entry_id"))

    id: Mapped[IntPk]
    entry_id: Mapped[int] = mapped_column(BigId)
    text: Mapped[LongText]


class LoyaltyRegistration(ShopOwned, Stamped, Base):
    """A customer's request to join the programme, where the shop requires one.

    ``id_image`` names the file of a picture in the installation's folder of uploads, which staff alone may see.
    """

    __tablename__ = "loyalty_registrations"
    __table_args__ = (
        UniqueConstraint("shop_id", "customer_id"),
        in_shop("customers", "customer_id"),
        Index(None, "shop_id", "status", "id"),
        Index(None, "shop_id", "status", "customer_id"),
        Index(None, "id_image", unique=True),
        one_of("status", REGISTRATION_STATUSES),
    )

    id: Mapped[IntPk]
    customer_id: Mapped[int] = mapped_column(BigId)
    full_name: Mapped[Name]
    phone: Mapped[Phone | None]
    status: Mapped[Code] = mapped_column(default="pending")
    rejection_reason: Mapped[LongText | None]
    id_image: Mapped[Code | None]

    customer: Mapped[Customer] = relationship(
        primaryjoin="foreign(LoyaltyRegistration.customer_id) == Customer.id", viewonly=True
    )

"""The points ledger: accounts, their append-only entries, and registrations."""

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
    """A customer's points account, written in one transaction with its ledger entry (``docs/contract/points.md``).

    ``entries_count`` is the number of the last entry. ``shortfall`` is the number of points that could not be reversed
    because they had been spent; points restored later settle it first. ``customer_id`` is None for a deleted customer.
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
    """A ledger entry. Never updated, never deleted: triggers on both engines refuse it.

    ``seq`` counts 1, 2, 3 … within the account; ``idempotency_key`` identifies the cause and is unique in the shop, so
    nothing is awarded or reversed twice. Only a reversed earning may be 0 points: none were left to reverse.
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
    """The event for which points were reversed or restored, one of :class:`EntryEvent`."""
    balance_after: Mapped[BigInt]
    idempotency_key: Mapped[Name]
    order_id: Mapped[int | None] = mapped_column(BigId)
    system_note: Mapped[LongText] = mapped_column(default="")
    """The system's text, such as ``Earned on order ORD-…``; a person's text is a ``LoyaltyEntryNote``."""
    actor_kind: Mapped[Code]
    actor_id: Mapped[int | None] = mapped_column(BigId)
    actor_label: Mapped[Name]
    meta: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """How the number was calculated: rule, base, rate and rounding, or a shortfall."""
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
        """The note shown beside the entry: a person's if there is one, else the system's."""
        return self.written_note.text if self.written_note is not None else self.system_note


class LoyaltyEntryNote(ShopOwned, Base):
    """A person's note on an adjustment, in a table of its own so that it can be deleted with the customer."""

    __tablename__ = "loyalty_entry_notes"
    __table_args__ = (in_shop("loyalty_entries", "entry_id"), UniqueConstraint("entry_id"))

    id: Mapped[IntPk]
    entry_id: Mapped[int] = mapped_column(BigId)
    text: Mapped[LongText]


class LoyaltyRegistration(ShopOwned, Stamped, Base):
    """A customer's request to join the programme, if the shop requires one.

    ``id_image`` is the name of a picture in the installation's private upload folder.
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

"""Customers, their addresses, and notes about them."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Computed, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.domain.customers.contact import full_name
from shop.models.base import (
    Base,
    BigId,
    BigInt,
    ByteOrderText,
    Cents,
    Code,
    Email,
    IntPk,
    LongText,
    Name,
    Phone,
    ShopOwned,
    Stamped,
    id_in_shop,
    in_shop,
    never_negative,
    one_of,
)

ADDRESS_TYPES = ("shipping", "billing")


class Customer(ShopOwned, Stamped, Base):
    """A customer, with an e-mail, a phone, or both. E-mail is trimmed and lower-case, phone is E.164.

    ``total_orders`` counts orders that are not cancelled; ``total_spent_cents`` is the sum of the paid ones of these,
    less refunds (``docs/contract/api.md``, 2); ``last_order_at`` is the newest day of any order, whatever its state.
    They change in the order's transaction. Only a trigger writes ``points_balance``, a copy of the account's balance,
    so that a list can be sorted by it.
    """

    __tablename__ = "customers"
    __table_args__ = (
        UniqueConstraint("shop_id", "email"),
        id_in_shop(),
        Index(None, "shop_id", "phone"),
        Index(None, "shop_id", "sort_name", "id"),
        Index(None, "shop_id", "total_orders", "id"),
        Index(
            "uq_customers_verified_phone",
            "shop_id",
            "phone",
            unique=True,
            sqlite_where=text("phone_verified_at IS NOT NULL"),
            postgresql_where=text("phone_verified_at IS NOT NULL"),
        ),
        Index(
            "ix_customers_redemption_held",
            "shop_id",
            "redemption_held_until",
            sqlite_where=text("redemption_held_until IS NOT NULL"),
            postgresql_where=text("redemption_held_until IS NOT NULL"),
        ),
        Index(None, "shop_id", "total_spent_cents", "id"),
        Index(None, "shop_id", "external_id", unique=True),
        Index(None, "shop_id", "area", "id"),
        Index(None, "shop_id", "birthday_in_year", "id"),
        Index(None, "shop_id", "created_at", "id"),
        Index(None, "shop_id", "updated_at", "id"),
        Index(None, "shop_id", "points_balance", "id"),
        Index("ix_customers_figures", "shop_id", "last_order_at", "total_spent_cents", "points_balance", "id"),
        *never_negative("total_orders", "total_spent_cents"),
        CheckConstraint("email IS NOT NULL OR phone IS NOT NULL", name="email_or_phone"),
    )

    id: Mapped[IntPk]
    email: Mapped[Email | None]
    first_name: Mapped[Name] = mapped_column(default="")
    last_name: Mapped[Name] = mapped_column(default="")
    phone: Mapped[Phone | None]
    phone_verified_at: Mapped[datetime | None]
    """When the phone was verified; only then it identifies the customer. A verified phone is unique in the shop."""
    birthday: Mapped[str | None] = mapped_column(String(10))
    """``1990-04-12``."""
    birthday_in_year: Mapped[str | None] = mapped_column(ByteOrderText, Computed("substr(birthday, 6)"), deferred=True)
    """``04-12``."""
    area: Mapped[Name] = mapped_column(default="", server_default="")
    tags: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'"))
    """Texts. Triggers copy them to ``customer_tags``, which lists of customers filter by."""
    external_id: Mapped[str | None] = mapped_column(String(100))
    """The customer's id in another system."""
    extra: Mapped[dict[str, Any]] = mapped_column("metadata", default=dict, server_default=text("'{}'"))
    """API metadata: texts by key. SQLAlchemy reserves the name ``metadata``."""
    custom_fields: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    """Values of the fields that the shop defines, by key."""
    search_text: Mapped[LongText]
    """The normalised text that searches use (``shop.domain.text.search``), in a trigram index on each engine."""
    sort_name: Mapped[str] = mapped_column(ByteOrderText, Computed("substr(search_text, 1, 100)"), deferred=True)
    """The beginning of ``search_text``: the name, or the e-mail of a customer without one."""
    redemption_held_until: Mapped[datetime | None]
    """Redemption is on hold until then: staff changed the e-mail or phone."""
    password_hash: Mapped[LongText | None]
    total_orders: Mapped[int] = mapped_column(default=0)
    total_spent_cents: Mapped[Cents] = mapped_column(default=0)
    points_balance: Mapped[BigInt] = mapped_column(default=0, server_default="0")
    last_order_at: Mapped[datetime | None]

    @property
    def full_name(self) -> str:
        """First and last name, else e-mail, else phone."""
        return full_name(self.first_name, self.last_name, self.email, self.phone)

    addresses: Mapped[list["Address"]] = relationship(
        primaryjoin="foreign(Address.customer_id) == Customer.id", order_by="Address.id", viewonly=True
    )
    notes: Mapped[list["CustomerNote"]] = relationship(
        primaryjoin="foreign(CustomerNote.customer_id) == Customer.id",
        order_by="(CustomerNote.pinned.desc(), CustomerNote.id.desc())",
        viewonly=True,
    )


class CustomerTag(ShopOwned, Base):
    """A tag of a customer, as ``customers.tags`` has it; written by triggers only."""

    __tablename__ = "customer_tags"
    __table_args__ = (
        in_shop("customers", "customer_id", ondelete="CASCADE"),
        UniqueConstraint("customer_id", "tag"),
        Index(None, "shop_id", "tag", "customer_id"),
    )

    id: Mapped[IntPk]
    customer_id: Mapped[int] = mapped_column(BigId)
    tag: Mapped[str] = mapped_column(ByteOrderText)


class CustomerCountBucket(ShopOwned, Base):
    """How many customers of a shop have an id from ``bucket`` × 1,000 up to the next bucket; written by triggers only.

    A bucket's count is the sum of its rows. On PostgreSQL each statement that adds or removes customers inserts a row,
    so that writers do not wait for each other; the worker merges them.
    """

    __tablename__ = "customer_spans"
    __table_args__ = (Index(None, "shop_id", "bucket", "number"),)

    id: Mapped[IntPk]
    bucket: Mapped[BigInt] = mapped_column("span", key="bucket")
    number: Mapped[BigInt]


class Address(ShopOwned, Base):
    """A postal address of a customer."""

    __tablename__ = "addresses"
    __table_args__ = (
        in_shop("customers", "customer_id"),
        Index(None, "customer_id"),
        one_of("type", ADDRESS_TYPES),
    )

    id: Mapped[IntPk]
    customer_id: Mapped[int] = mapped_column(BigId)
    type: Mapped[Code]
    address1: Mapped[Name]
    address2: Mapped[Name] = mapped_column(default="")
    city: Mapped[Name]
    state: Mapped[Name] = mapped_column(default="")
    zip: Mapped[Code] = mapped_column(default="")
    country: Mapped[Name] = mapped_column(default="")
    created_at: Mapped[datetime]


class CustomerNote(ShopOwned, Base):
    """A note about a customer by staff or an API key."""

    __tablename__ = "customer_notes"
    __table_args__ = (in_shop("customers", "customer_id"), Index(None, "customer_id"))

    id: Mapped[IntPk]
    customer_id: Mapped[int] = mapped_column(BigId)
    author_id: Mapped[int | None] = mapped_column(BigId)
    """The staff member; None when an API key wrote it."""
    author_label: Mapped[Name]
    content: Mapped[LongText]
    pinned: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

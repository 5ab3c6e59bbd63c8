"""Payment attempts, the provider's results, review flags, and provider credentials."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.models.base import (
    Base,
    BigId,
    Cents,
    Code,
    IntPk,
    LongText,
    Name,
    Phone,
    ShopOwned,
    erased_to,
    id_in_shop,
    in_shop,
    kept_without_name,
    never_negative,
    one_of,
    partial_index,
)
from shop.models.orders.order import Order

ATTEMPT_STATES = ("starting", "waiting", "paid", "failed", "lapsed")
UNDER_WAY = "(state = 'starting' OR state = 'waiting')"
EVENT_SOURCES = ("push", "callback", "query")
EVENT_OUTCOMES = ("waiting", "paid", "failed", "noted", "late", "twice", "short", "unmatched", "contradiction")
FLAG_KINDS = ("late", "twice", "short", "over", "unmatched", "contradiction", "refused", "reversed", "same_reference")
NOT_HANDLED = "handled_at IS NULL"


class PaymentSecret(ShopOwned, Base):
    """A shop's credentials with a provider: ``ciphertext`` never leaves the services, ``facts`` may be shown."""

    __tablename__ = "payment_secrets"
    __table_args__ = (UniqueConstraint("shop_id", "method_code"),)

    id: Mapped[IntPk]
    method_code: Mapped[Code]
    facts: Mapped[dict[str, Any]]
    ciphertext: Mapped[LongText]
    updated_at: Mapped[datetime]


class PaymentAttempt(ShopOwned, Base):
    """A request to a provider for an order's money. At most one of an order is pending.

    ``starting``: being sent, or unknown whether it was sent. ``waiting``: the customer is prompted. ``lapsed``: no
    result in time; a later result still counts.
    """

    __tablename__ = "payment_attempts"
    __table_args__ = (
        id_in_shop(),
        in_shop("orders", "order_id"),
        UniqueConstraint("shop_id", "reference"),
        UniqueConstraint("shop_id", "receipt"),
        UniqueConstraint("token_hash"),
        Index(None, "order_id"),
        Index(
            "ix_payment_attempts_under_way",
            "shop_id",
            "order_id",
            unique=True,
            sqlite_where=text(UNDER_WAY),
            postgresql_where=text(UNDER_WAY),
        ),
        partial_index("ix_payment_attempts_to_ask", UNDER_WAY, "query_at"),
        one_of("state", ATTEMPT_STATES),
        *never_negative("amount_cents", "paid_cents", "queries"),
        kept_without_name(),
    )

    id: Mapped[IntPk]
    order_id: Mapped[int] = mapped_column(BigId)
    method_code: Mapped[Code]
    reference: Mapped[Code]
    """``ORD-261123-7KQ4F-2``: the order's second attempt."""
    amount_cents: Mapped[Cents]
    """The amount that the customer was asked for."""
    phone: Mapped[Phone | None] = mapped_column(info=erased_to(None))
    token_hash: Mapped[Code]
    """Hash of the secret in the callback URL."""
    state: Mapped[Code]
    provider_id: Mapped[Name | None]
    receipt: Mapped[Code | None]
    paid_cents: Mapped[Cents | None]
    result_code: Mapped[Code | None]
    message: Mapped[LongText] = mapped_column(default="")
    """The message that the customer sees."""
    query_at: Mapped[datetime]
    """When the provider is queried next; a claim moves it forward (the lease)."""
    queries: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class PaymentEvent(ShopOwned, Base):
    """A provider result of an attempt, stored once: ``event_key`` is derived from its content."""

    __tablename__ = "payment_events"
    __table_args__ = (
        in_shop("payment_attempts", "attempt_id"),
        UniqueConstraint("shop_id", "event_key"),
        Index(None, "attempt_id"),
        one_of("source", EVENT_SOURCES),
        one_of("outcome", EVENT_OUTCOMES),
        *never_negative("amount_cents"),
        kept_without_name(),
    )

    id: Mapped[IntPk]
    attempt_id: Mapped[int] = mapped_column(BigId)
    event_key: Mapped[Name]
    source: Mapped[Code]
    result_code: Mapped[Code]
    provider_id: Mapped[Name | None]
    amount_cents: Mapped[Cents | None]
    receipt: Mapped[Code | None]
    outcome: Mapped[Code]
    created_at: Mapped[datetime]


class PaymentFlag(ShopOwned, Base):
    """A payment that staff must review; open until someone resolves it.

    Kinds: ``late`` money for an order that had ended, ``twice`` for one that was paid, ``short`` and ``over`` for an
    amount other than requested, ``unmatched`` for no known attempt, ``contradiction`` for a failure after a success,
    ``refused`` if the provider does not accept the shop's credentials, ``reversed`` for money that was sent back after
    it had paid the order, ``same_reference`` for a reference that staff entered for another order, too.
    """

    __tablename__ = "payment_flags"
    __table_args__ = (
        id_in_shop(),
        in_shop("orders", "order_id"),
        UniqueConstraint("shop_id", "cause"),
        Index(None, "order_id"),
        partial_index("ix_payment_flags_open", NOT_HANDLED, "shop_id", "id"),
        one_of("kind", FLAG_KINDS),
        *never_negative("amount_cents"),
        kept_without_name(),
    )

    id: Mapped[IntPk]
    order_id: Mapped[int] = mapped_column(BigId)
    kind: Mapped[Code]
    cause: Mapped[Name]
    amount_cents: Mapped[Cents]
    """The money in question: to be refunded, or missing."""
    reference: Mapped[Name | None]
    created_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]
    handled_by: Mapped[Name | None]
    handled_note: Mapped[LongText] = mapped_column(default="", info=erased_to(""))

    order: Mapped[Order] = relationship(primaryjoin="foreign(PaymentFlag.order_id) == Order.id", viewonly=True)

"""Payments without a prompt (C2B), known payers, and the addresses registered for notifications."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.domain.payments.received import MatchedBy, PaymentSource, ReceivedState
from shop.models.base import (
    Base,
    BigId,
    Cents,
    Code,
    IntPk,
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
    same_as_customers,
)

NOT_TRIED = "state = 'received'"
WAITS_FOR_CLAIM = "state IN ('unmatched', 'short', 'over', 'twice', 'late')"


class ReceivedPayment(ShopOwned, Base):
    """A payment to the shop's short code, once for each ``transaction_id`` (``docs/payments.md``).

    ``order_id`` is the order that it pays, or the one it names in a state other than ``matched``.
    """

    __tablename__ = "received_payments"
    __table_args__ = (
        id_in_shop(),
        in_shop("orders", "order_id"),
        UniqueConstraint("shop_id", "transaction_id"),
        Index(None, "shop_id", "paid_at", "id"),
        Index(None, "shop_id", "order_id"),
        Index(None, "shop_id", "phone"),
        partial_index("ix_received_payments_not_tried", NOT_TRIED, "id"),
        partial_index("ix_received_payments_to_claim", WAITS_FOR_CLAIM, "shop_id", "paid_at", "id"),
        one_of("state", ReceivedState),
        one_of("matched_by", MatchedBy),
        one_of("source", PaymentSource),
        *never_negative("amount_cents", "statement_cents"),
        kept_without_name(),
    )

    id: Mapped[IntPk]
    transaction_id: Mapped[Code]
    paid_at: Mapped[datetime]
    amount_cents: Mapped[Cents]
    short_code: Mapped[Code]
    account: Mapped[Name] = mapped_column(default="", info=erased_to(""))
    """The account that the payer entered: an order number, or anything."""
    phone: Mapped[Phone | None] = mapped_column(info=same_as_customers("phone") | erased_to(None))
    payer_id: Mapped[Code | None] = mapped_column(info=erased_to(None))
    """An opaque id of the payer, in place of the phone."""
    payer_name: Mapped[Name] = mapped_column(default="", info=erased_to(""))
    statement_cents: Mapped[Cents | None]
    """The amount in an uploaded statement; None if no statement has the payment."""
    source: Mapped[Code]
    state: Mapped[Code]
    matched_by: Mapped[Code | None]
    order_id: Mapped[int | None] = mapped_column(BigId)
    handled_at: Mapped[datetime | None]
    """When a person claimed or returned it."""
    handled_by: Mapped[Name | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class KnownPayer(ShopOwned, Base):
    """An opaque payer id whose payments are a customer's, since one of them was claimed."""

    __tablename__ = "known_payers"
    __table_args__ = (
        in_shop("customers", "customer_id"),
        UniqueConstraint("shop_id", "payer_id"),
        Index(None, "shop_id", "customer_id"),
    )

    id: Mapped[IntPk]
    payer_id: Mapped[Code]
    customer_id: Mapped[int] = mapped_column(BigId)
    payment_id: Mapped[int] = mapped_column(BigId)
    """The payment whose claim made the payer known."""
    created_at: Mapped[datetime]


class CallbackRegistration(ShopOwned, Base):
    """Addresses registered with Daraja for payments to a short code; the secret in them is stored as a hash."""

    __tablename__ = "callback_registrations"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        Index(None, "shop_id", "id"),
        one_of("state", ("requested", "registered", "failed")),
    )

    id: Mapped[IntPk]
    short_code: Mapped[Code]
    token_hash: Mapped[Code]
    response_type: Mapped[Code]
    """``Completed`` or ``Cancelled``: what M-Pesa does with a payment if the validation does not answer."""
    state: Mapped[Code]
    result: Mapped[Name] = mapped_column(default="")
    requested_by: Mapped[Name]
    created_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]
    """When a newer registration took its place; it is accepted for another day."""

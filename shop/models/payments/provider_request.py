"""Requests to M-Pesa whose result comes by callback."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.domain.payments.requests import RequestKind, RequestState
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
)

OPEN = "state IN ('requested', 'accepted')"
OPEN_PAYOUT = "kind = 'payout' AND state IN ('requested', 'accepted')"


class ProviderRequest(ShopOwned, Base):
    """A request to M-Pesa: a transaction's status, the reversal of a payment, or a payout (``docs/payments.md``)."""

    __tablename__ = "provider_requests"
    __table_args__ = (
        id_in_shop(),
        in_shop("received_payments", "payment_id"),
        in_shop("order_refunds", "refund_id"),
        in_shop("provider_requests", "about_id"),
        UniqueConstraint("token_hash"),
        Index(None, "shop_id", "reference", "id"),
        Index(None, "shop_id", "payment_id"),
        Index(None, "shop_id", "refund_id"),
        Index(None, "shop_id", "about_id"),
        partial_index("ix_provider_requests_open", OPEN, "created_at", "id"),
        Index(
            "ix_provider_requests_open_payout",
            "shop_id",
            "refund_id",
            unique=True,
            sqlite_where=text(OPEN_PAYOUT),
            postgresql_where=text(OPEN_PAYOUT),
        ),
        one_of("kind", RequestKind),
        one_of("state", RequestState),
        *never_negative("amount_cents"),
        kept_without_name(),
    )

    id: Mapped[IntPk]
    kind: Mapped[Code]
    payment_id: Mapped[int | None] = mapped_column(BigId)
    """The payment to be reversed."""
    refund_id: Mapped[int | None] = mapped_column(BigId)
    """The refund that a payout sends."""
    about_id: Mapped[int | None] = mapped_column(BigId)
    """The request whose status is asked for."""
    reference: Mapped[Code] = mapped_column(default="")
    """The transaction id that the request is about."""
    conversation_id: Mapped[Code] = mapped_column(default="")
    """The originator's id of the request: M-Pesa's, or ours for a payout."""
    amount_cents: Mapped[Cents] = mapped_column(default=0)
    phone: Mapped[Phone | None] = mapped_column(info=erased_to(None))
    """The phone that a payout is sent to."""
    token_hash: Mapped[Code]
    """Hash of the secret in the URLs of the result."""
    state: Mapped[Code]
    result_code: Mapped[Code] = mapped_column(default="")
    message: Mapped[Name] = mapped_column(default="")
    """M-Pesa's description of the result, or why it is not known."""
    receipt: Mapped[Code] = mapped_column(default="")
    """The transaction id of what was sent."""
    requested_by: Mapped[Name]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

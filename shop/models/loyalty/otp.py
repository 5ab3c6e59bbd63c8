"""One-time codes, the redemption tokens they are exchanged for, and rate limit windows."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import Base, BigId, Code, IntPk, LongText, Name, ShopOwned, in_shop, kept_without_name

MAX_TRIES = 5


class OtpChallenge(ShopOwned, Base):
    """A requested one-time code. The code is not stored: it is derived from ``nonce`` and the secret key.

    A row is added for unknown people too (``customer_id`` None), so that both requests take the same path and time.
    """

    __tablename__ = "otp_challenges"
    __table_args__ = (
        in_shop("customers", "customer_id"),
        Index(None, "shop_id", "subject_hash", "id"),
        Index(None, "shop_id", "customer_id"),
        Index(None, "created_at"),
        CheckConstraint(f"tries BETWEEN 0 AND {MAX_TRIES}", name="tries_bounded"),
    )

    id: Mapped[IntPk]
    subject_hash: Mapped[Code]
    """A keyed hash of the customer's id, or of the e-mail or phone if no customer has it."""
    customer_id: Mapped[int | None] = mapped_column(BigId)
    nonce: Mapped[Code]
    code_hash: Mapped[Code]
    tries: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    voided_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class RedemptionToken(ShopOwned, Base):
    """Permission to redeem points on one order; stored as a hash, used up in the order's transaction."""

    __tablename__ = "redemption_tokens"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        in_shop("customers", "customer_id"),
        in_shop("orders", "order_id"),
        UniqueConstraint("order_id"),
        Index(None, "shop_id", "customer_id"),
        CheckConstraint("(used_at IS NULL) = (order_id IS NULL)", name="used_for_an_order"),
        kept_without_name("order_id IS NOT NULL"),
    )

    id: Mapped[IntPk]
    customer_id: Mapped[int | None] = mapped_column(BigId)
    token_hash: Mapped[Code]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    order_id: Mapped[int | None] = mapped_column(BigId)
    created_at: Mapped[datetime]


class RateWindow(ShopOwned, Base):
    """The recent uses of a rate limit's bucket: a sliding window shared by all processes."""

    __tablename__ = "rate_windows"
    __table_args__ = (UniqueConstraint("shop_id", "bucket"), Index(None, "expires_at"))

    id: Mapped[IntPk]
    bucket: Mapped[Name]
    moments: Mapped[LongText] = mapped_column(default="")
    """Milliseconds since 1970, each followed by a space, so that a statement can append one."""
    expires_at: Mapped[datetime]

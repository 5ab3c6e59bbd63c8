"""Sessions of the embedded checkout, one for each time that it is opened."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import Base, BigId, Code, IntPk, LongText, ShopOwned, in_shop, kept_without_name


class CheckoutSession(ShopOwned, Base):
    """An open checkout: its cart, the embedding page, and the order placed with it.

    The holder of the token can continue it; the token is stored as a hash. It has no data about the person.
    """

    __tablename__ = "checkout_sessions"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        UniqueConstraint("order_id"),
        in_shop("orders", "order_id", ondelete="CASCADE"),
        Index(None, "shop_id", "id"),
        Index(None, "expires_at"),
        kept_without_name(),
    )

    id: Mapped[IntPk]
    token_hash: Mapped[Code]
    origin: Mapped[LongText]
    """The origin of the embedding page, one of the shop's allowed origins; empty if it is not embedded."""
    items: Mapped[list[Any]]
    """The cart when it was opened: ``[product id, variant id or None, quantity]`` a line."""
    cart_session_id: Mapped[int | None] = mapped_column(BigId)
    """The shopper's session whose cart the order empties; it may have ended."""
    order_id: Mapped[int | None] = mapped_column(BigId)
    """The order placed with it."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]

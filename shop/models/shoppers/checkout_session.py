"""The embedded checkout's memory: one row for each time that it is opened."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import Base, BigId, Code, IntPk, LongText, ShopOwned, in_shop, kept_without_name


class CheckoutSession(ShopOwned, Base):
    """A checkout that somebody opened: for which cart, from which page, and the order that came of it.

    Who holds its token may go on with it; the token is kept only as a hash. It knows nothing about the person.
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
    """Origin of the page that embeds it, one of the shop's allowed origins; empty for a page of its own."""
    items: Mapped[list[Any]]
    """The cart as it was opened: ``[product id, variant id or None, quantity]`` a line."""
    cart_session_id: Mapped[int | None] = mapped_column(BigId)
    """The shopper's session whose cart it was opened from, which the order empties; it may have ended since."""
    order_id: Mapped[int | None] = mapped_column(BigId)
    """The one order that was placed with it."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]

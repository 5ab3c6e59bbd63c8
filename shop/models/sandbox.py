"""Tables of sandbox shops: a clock that can be moved, and messages that were not sent."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import (
    Base,
    BigInt,
    Code,
    Email,
    IntPk,
    LongText,
    ShopOwned,
    never_negative,
    same_as_customers,
)


class OfSandbox(ShopOwned):
    """Mixin of rows that only a sandbox shop can have: the database refuses them in a live one."""

    sandbox: Mapped[bool] = mapped_column(default=True, server_default=true())


def only_in_sandbox() -> tuple[CheckConstraint, ForeignKeyConstraint]:
    """Return the constraints of a table of :class:`OfSandbox`."""
    return (
        CheckConstraint("sandbox", name="of_sandbox"),
        ForeignKeyConstraint(["shop_id", "sandbox"], ["shops.id", "shops.sandbox"]),
    )


class SandboxClock(OfSandbox, Base):
    """How far a sandbox shop's clock is ahead of real time."""

    __tablename__ = "sandbox_clocks"
    __table_args__ = (UniqueConstraint("shop_id"), *only_in_sandbox(), *never_negative("ahead_seconds"))

    id: Mapped[IntPk]
    ahead_seconds: Mapped[BigInt] = mapped_column(default=0)
    moving_until: Mapped[datetime | None]
    """End of the lease of the request that moves it, in real time; after that another request may move it."""
    moved_from: Mapped[datetime | None]
    """The clock's time before the last move."""


class SandboxMessage(OfSandbox, Base):
    """A message of a sandbox shop as it would have been sent."""

    __tablename__ = "sandbox_messages"
    __table_args__ = (*only_in_sandbox(), Index(None, "shop_id", "id"))

    id: Mapped[IntPk]
    kind: Mapped[Code]
    channel: Mapped[Code]
    recipient: Mapped[Email] = mapped_column(info=same_as_customers("email"))
    subject: Mapped[LongText]
    text: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[datetime]

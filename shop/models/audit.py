"""The audit log."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import Base, BigId, Code, IntPk, LongText, Name, ShopOwned


class AuditEntry(ShopOwned, Base):
    """An entry of the audit log. Contains no personal data of customers but their ids."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index(None, "shop_id", "id"), Index(None, "shop_id", "subject"))

    id: Mapped[IntPk]
    actor_kind: Mapped[Code]
    actor_id: Mapped[int | None] = mapped_column(BigId)
    actor_label: Mapped[Name]
    action: Mapped[Code]
    subject: Mapped[Name]
    old_value: Mapped[LongText | None]
    new_value: Mapped[LongText | None]
    reason: Mapped[LongText | None]
    event_token: Mapped[Code | None]
    """The token of the event that the entry is about, kept after the event is purged; None for acts without one."""
    created_at: Mapped[datetime]

    @property
    def event_id(self) -> str:
        """The public id of the event; "" without one."""
        return f"evt_{self.event_token}" if self.event_token else ""

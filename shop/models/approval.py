"""Changes that need the approval of a second person."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.models.base import Base, BigId, Code, IntPk, LongText, Name, ShopOwned, in_shop, one_of
from shop.models.customers.customer import Customer

KINDS: Final = ("adjustment", "settings", "bulk", "import")
STATES: Final = ("pending", "approved", "refused")


class ApprovalRequest(ShopOwned, Base):
    """A large change that someone requested. A pending one cannot be approved after ``expires_at``."""

    __tablename__ = "approval_requests"
    __table_args__ = (
        in_shop("customers", "customer_id"),
        UniqueConstraint("shop_id", "request_key"),
        Index(None, "shop_id", "state", "id"),
        Index(None, "shop_id", "customer_id"),
        one_of("kind", KINDS),
        one_of("state", STATES),
    )

    id: Mapped[IntPk]
    kind: Mapped[Code]
    customer_id: Mapped[int | None] = mapped_column(BigId)
    request_key: Mapped[Code]
    """The form's key, so that submitting it twice makes one request."""
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """``points``, ``note`` and ``tell`` of an adjustment; ``old`` and ``new`` texts of settings by key; the id of an
    action on many customers or of an import, with the figures to show."""
    state: Mapped[Code] = mapped_column(default="pending")
    requester_kind: Mapped[Code] = mapped_column(default="staff", server_default="staff")
    """``staff`` or ``api_key``: whose id ``requested_by`` is."""
    requested_by: Mapped[int] = mapped_column(BigId)
    person_id: Mapped[int | None] = mapped_column(BigId)
    """The member of staff who asked, or who created the API key that did: someone else has to approve."""
    requester: Mapped[Name]
    requested_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    decider: Mapped[Name | None]
    decided_at: Mapped[datetime | None]
    reason: Mapped[LongText] = mapped_column(default="")

    customer: Mapped[Customer | None] = relationship(
        primaryjoin="foreign(ApprovalRequest.customer_id) == Customer.id", viewonly=True
    )

"""Requests about personal data, and consents."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.domain.customers.privacy import ConsentKind, ConsentSource, PrivacyRequestKind, PrivacyRequestState
from shop.models.base import (
    Base,
    BigId,
    Code,
    Email,
    IntPk,
    LongText,
    Name,
    Phone,
    ShopOwned,
    erased_to,
    in_shop,
    kept_without_name,
    one_of,
    same_as_customers,
)
from shop.models.customers.customer import Customer


class PrivacyRequest(ShopOwned, Base):
    """A request of a customer, or of someone known by an e-mail or a phone alone.

    After an erasure kind, dates and state remain as evidence that it was answered.
    """

    __tablename__ = "privacy_requests"
    __table_args__ = (
        in_shop("customers", "customer_id"),
        Index(None, "shop_id", "state", "due_at"),
        Index(None, "shop_id", "customer_id"),
        one_of("kind", PrivacyRequestKind),
        one_of("state", PrivacyRequestState),
        CheckConstraint("(state = 'open') = (handled_at IS NULL)", name="handled_when_closed"),
        kept_without_name(),
    )

    id: Mapped[IntPk]
    kind: Mapped[Code]
    customer_id: Mapped[int | None] = mapped_column(BigId)
    email: Mapped[Email | None] = mapped_column(info=same_as_customers("email") | erased_to(None))
    phone: Mapped[Phone | None] = mapped_column(info=same_as_customers("phone") | erased_to(None))
    note: Mapped[LongText] = mapped_column(default="", info=erased_to(""))
    by_customer: Mapped[bool]
    """Whether it was sent from the customer's own account."""
    received_at: Mapped[datetime]
    due_at: Mapped[datetime]
    state: Mapped[Code] = mapped_column(default=PrivacyRequestState.OPEN)
    outcome: Mapped[LongText] = mapped_column(default="", info=erased_to(""))
    handled_by: Mapped[Name | None]
    handled_at: Mapped[datetime | None]

    customer: Mapped[Customer | None] = relationship(
        primaryjoin="foreign(PrivacyRequest.customer_id) == Customer.id", viewonly=True
    )

    @property
    def person(self) -> str:
        """The customer's name, or the e-mail or phone; empty after an erasure."""
        return self.customer.full_name if self.customer is not None else self.email or self.phone or ""


class Consent(ShopOwned, Base):
    """A statement of a customer: consent given or withdrawn. The newest of a kind applies; rows are only added."""

    __tablename__ = "consents"
    __table_args__ = (
        in_shop("customers", "customer_id"),
        Index(None, "shop_id", "customer_id", "kind"),
        Index(None, "shop_id", "kind", "customer_id"),
        one_of("kind", ConsentKind),
        one_of("source", ConsentSource),
    )

    id: Mapped[IntPk]
    customer_id: Mapped[int] = mapped_column(BigId)
    kind: Mapped[Code]
    given: Mapped[bool]
    source: Mapped[Code]
    text_version: Mapped[Code]
    """The version of the text that the person saw or heard."""
    recorded_by: Mapped[Name]
    stated_at: Mapped[datetime]
    recorded_at: Mapped[datetime]

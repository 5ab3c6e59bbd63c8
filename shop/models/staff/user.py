"""Staff accounts, their memberships in shops, and API keys."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.domain.permissions import permissions_of
from shop.domain.statuses import Role
from shop.models.base import (
    Base,
    BigId,
    Code,
    Email,
    IntPk,
    LongText,
    MailedLink,
    Name,
    ShopOwned,
    Stamped,
    id_in_shop,
    in_shop,
    one_of,
)

TOKEN_KINDS = ("reset", "invite")


class StaffUser(Stamped, Base):
    """A person who signs in; belongs to shops through memberships."""

    __tablename__ = "staff_users"
    __table_args__ = (UniqueConstraint("email"),)

    id: Mapped[IntPk]
    email: Mapped[Email]
    name: Mapped[Name]
    password_hash: Mapped[LongText]
    session_version: Mapped[int] = mapped_column(default=1)
    """Increased to end all sessions. Cookies of versions without stored sessions contain it."""
    last_signed_in_at: Mapped[datetime | None]
    language: Mapped[Code | None]
    """Of the staff pages and mails; None leaves it to the browser."""


class StaffSession(Base):
    """A browser session of a staff member. The cookie's token is stored as a hash.

    An ended session is kept until its absolute end, so that its cookie cannot start it again.
    """

    __tablename__ = "staff_sessions"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        Index(None, "staff_user_id", "device_hash"),
        Index(None, "expires_at"),
    )

    id: Mapped[IntPk]
    token_hash: Mapped[Code]
    staff_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("staff_users.id"))
    shop_id: Mapped[int] = mapped_column(BigId, ForeignKey("shops.id"))
    """The shop currently selected."""
    remembered: Mapped[bool]
    user_agent: Mapped[LongText] = mapped_column(default="")
    address: Mapped[Code] = mapped_column(default="")
    device_hash: Mapped[Code | None]
    """Hash of the cookie that identifies the browser after sign-out."""
    setup_required: Mapped[bool] = mapped_column(default=False)
    """Whether a second factor must be set up before anything else."""
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    """When the password was last entered."""
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class StaffRole(ShopOwned, Stamped, Base):
    """A role of the shop's own."""

    __tablename__ = "staff_roles"
    __table_args__ = (UniqueConstraint("shop_id", "name"), id_in_shop())

    id: Mapped[IntPk]
    name: Mapped[Name]
    permissions: Mapped[list[Any]]
    """Names in ``shop.domain.permissions``."""


class Membership(ShopOwned, Base):
    """A person's role in a shop."""

    __tablename__ = "memberships"
    __table_args__ = (
        UniqueConstraint("shop_id", "staff_user_id"),
        one_of("role", Role),
        in_shop("staff_roles", "role_id"),
    )

    id: Mapped[IntPk]
    staff_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("staff_users.id"), index=True)
    role: Mapped[Code]
    """A preset role; ``clerk`` with a role of the shop's own."""
    role_id: Mapped[int | None] = mapped_column(BigId)
    created_at: Mapped[datetime]

    user: Mapped[StaffUser] = relationship()
    own_role: Mapped[StaffRole | None] = relationship(viewonly=True)

    @property
    def permissions(self) -> frozenset[str]:
        """The person's permissions in the shop."""
        return permissions_of(self.role, self.own_role.permissions if self.own_role else None)


class ApiKey(ShopOwned, Stamped, Base):
    """An API key. The secret is stored as SHA-256: it is 128 random bits, so no slow hash is needed."""

    __tablename__ = "api_keys"
    __table_args__ = (
        UniqueConstraint("consumer_key"),
        id_in_shop(),
        CheckConstraint("rate_limit_per_minute BETWEEN 1 AND 10000", name="rate_limit_in_range"),
    )

    id: Mapped[IntPk]
    name: Mapped[Name]
    consumer_key: Mapped[Code]
    secret_hash: Mapped[Code]
    may_read: Mapped[bool]
    may_write: Mapped[bool]
    rate_limit_per_minute: Mapped[int]
    expires_at: Mapped[datetime | None]
    created_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("staff_users.id"))


class StaffToken(MailedLink):
    """A link mailed to a staff member: to set a new password, or to join a shop."""

    __tablename__ = "staff_tokens"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        Index(None, "email"),
        one_of("kind", TOKEN_KINDS),
        in_shop("staff_roles", "role_id"),
        CheckConstraint("kind <> 'invite' OR (shop_id IS NOT NULL AND role IS NOT NULL)", name="invite_has_shop"),
    )

    shop_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("shops.id"))
    role: Mapped[Code | None]
    role_id: Mapped[int | None] = mapped_column(BigId)
    """The shop's own role of an invitation."""
    invited_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("staff_users.id"))


class SavedView(ShopOwned, Base):
    """A list's search, sort order and filters, saved by one person under a name."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("shop_id", "staff_user_id", "page", "name"),)

    id: Mapped[IntPk]
    staff_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("staff_users.id"), index=True)
    page: Mapped[Code]
    name: Mapped[Name]
    query: Mapped[LongText]
    """The query string of the list's address."""
    created_at: Mapped[datetime]

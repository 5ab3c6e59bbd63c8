"""Shoppers: sessions, accounts whose e-mail is not verified yet, and mailed links."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import (
    Base,
    BigId,
    Code,
    Email,
    IntPk,
    LongText,
    MailedLink,
    Name,
    Phone,
    ShopOwned,
    Stamped,
    id_in_shop,
    in_shop,
    one_of,
    same_as_customers,
)

LINK_KINDS = ("register", "reset")


class ShopperSignup(ShopOwned, Stamped, Base):
    """An account whose e-mail is not verified; holds what was typed and nothing of the shop's records.

    It is added whether or not a customer with the e-mail exists; verifying the e-mail deletes it.
    """

    __tablename__ = "shopper_signups"
    __table_args__ = (UniqueConstraint("shop_id", "email"), id_in_shop(), Index(None, "expires_at"))

    id: Mapped[IntPk]
    email: Mapped[Email] = mapped_column(info=same_as_customers("email"))
    first_name: Mapped[Name] = mapped_column(default="")
    last_name: Mapped[Name] = mapped_column(default="")
    phone: Mapped[Phone | None]
    password_hash: Mapped[LongText]
    expires_at: Mapped[datetime]


class ShopperSession(ShopOwned, Base):
    """A browser at the storefront: of a guest, an unverified account, or a signed-in customer.

    The cookie's token is stored as a hash, and replaced whenever its customer changes.
    """

    __tablename__ = "shopper_sessions"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        id_in_shop(),
        in_shop("customers", "customer_id"),
        in_shop("shopper_signups", "signup_id"),
        Index(None, "shop_id", "customer_id"),
        Index(None, "shop_id", "signup_id"),
        Index(None, "expires_at"),
        CheckConstraint("customer_id IS NULL OR signup_id IS NULL", name="one_person"),
    )

    id: Mapped[IntPk]
    token_hash: Mapped[Code]
    customer_id: Mapped[int | None] = mapped_column(BigId)
    signup_id: Mapped[int | None] = mapped_column(BigId)
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime]


class ShopperLink(ShopOwned, MailedLink):
    """A link mailed to an e-mail, which its owner chooses a password by."""

    __tablename__ = "shopper_links"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        Index(None, "shop_id", "email"),
        Index(None, "expires_at"),
        one_of("kind", LINK_KINDS),
    )

    email: Mapped[Email] = mapped_column(info=same_as_customers("email"))

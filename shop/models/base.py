"""The declarative base, column types, and mixins of all models."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    literal_column,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
from sqlalchemy.types import TypeDecorator

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

BigId = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit id: SQLite only counts up a column whose type is spelt INTEGER, which is 64 bits wide there anyway."""

Json = JSON().with_variant(JSONB(), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time. SQLite stores no zone, so it is added when a value is read; a naive value is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC. Raise ValueError for a naive time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time must be aware")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the time with its zone, UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of all models; its metadata names constraints the same way on both engines."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING_CONVENTION),
        type_annotation_map={datetime: UtcDateTime(), dict[str, Any]: Json, list[Any]: Json},
    )


IntPk = Annotated[int, mapped_column(BigId, primary_key=True)]
BigInt = Annotated[int, mapped_column(BigInteger)]
Cents = Annotated[int, mapped_column(BigInteger)]
"""Money in minor units: hundredths of the shop's currency."""
Name = Annotated[str, mapped_column(String(200))]
Email = Annotated[str, mapped_column(String(254))]
Phone = Annotated[str, mapped_column(String(20))]
Code = Annotated[str, mapped_column(String(64))]
LongText = Annotated[str, mapped_column(Text)]
KEPT_IF, ERASED_TO, CUSTOMER_FIELD = "kept_if", "erased_to", "customer_field"
ByteOrderText = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that both engines compare byte by byte."""


class ShopOwned:
    """Mixin of tables with a ``shop_id``: statements on them are restricted to the session's shop."""

    shop_id: Mapped[int] = mapped_column(BigId, ForeignKey("shops.id"))


class Stamped:
    """Mixin of rows with the times of creation and last change, set from ``shop.services.clock``."""

    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class MailedLink(Base):
    """A link in a mail, which works once; ``shop.services.mailed_links`` creates and uses them."""

    __abstract__ = True

    id: Mapped[IntPk]
    kind: Mapped[Code]
    email: Mapped[Email]
    token_hash: Mapped[Code]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    """When it was used or voided."""
    created_at: Mapped[datetime]


def kept_without_name(condition: str | None = None) -> dict[str, Any]:
    """Table arguments of rows about a customer (those for which a condition holds) that are kept when they are deleted.

    All other rows that refer to a customer, directly or indirectly, are deleted (``customers.erasure.personal_data``).
    """
    return {"info": {KEPT_IF: literal_column(condition, Boolean()) if condition else true()}}


def erased_to(value: Any) -> dict[str, Any]:
    """Return ``info`` of a personal column: its value after an erasure, where the row is kept."""
    return {ERASED_TO: value}


def same_as_customers(field: str) -> dict[str, Any]:
    """Return ``info`` of a column that identifies the customer by ``email`` or ``phone`` instead of a foreign key."""
    return {CUSTOMER_FIELD: field}


def in_shop(table: str, column: str, *, ondelete: str | None = None) -> ForeignKeyConstraint:
    """Return a foreign key that includes the shop, so that no row can refer to another shop's row."""
    return ForeignKeyConstraint(["shop_id", column], [f"{table}.shop_id", f"{table}.id"], ondelete=ondelete)


def id_in_shop() -> UniqueConstraint:
    """Return the unique key that :func:`in_shop` refers to."""
    return UniqueConstraint("shop_id", "id")


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """Return a CHECK that a text column has one of some values."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=f"{column}_known")


def partial_index(name: str, condition: str, *columns: str) -> Index:
    """Return an index of the rows for which a condition holds; a query uses it if it has the same condition."""
    return Index(name, *columns, sqlite_where=text(condition), postgresql_where=text(condition))


def never_negative(*columns: str) -> list[CheckConstraint]:
    """Return a CHECK for each column that it is not negative."""
    return [CheckConstraint(f"{column} >= 0", name=f"{column}_not_negative") for column in columns]

"""The rows of all tables that are about a customer, found by foreign keys and marks of the models.

A table that refers to customers, directly or through another table, is included automatically.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, ForeignKeyConstraint, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Mapper

from shop.models import Base, Customer
from shop.models.base import CUSTOMER_FIELD, ERASED_TO, KEPT_IF

Model = type[Any]


@dataclass(frozen=True, slots=True)
class PersonalTable:
    """A table with rows about customers: its references, and what a deletion leaves.

    ``parents`` has each referring attribute with the model it refers to; ``matches`` each attribute that equals a field
    of the customer. Rows for which ``kept_if`` holds are kept, with the values of ``erased``; if it is None, no row is.
    """

    model: Model
    parents: tuple[tuple[InstrumentedAttribute[Any], Model], ...]
    matches: tuple[tuple[InstrumentedAttribute[Any], str], ...]
    kept_if: ColumnElement[bool] | None
    erased: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PersonalRows:
    """The rows of one table about some customers."""

    table: PersonalTable
    condition: ColumnElement[bool]


@cache
def personal_tables() -> tuple[PersonalTable, ...]:
    """Return the tables with rows about customers, each after those it refers to."""
    mappers: dict[Any, Mapper[Any]] = {mapper.local_table: mapper for mapper in Base.registry.mappers}
    found: dict[Model, PersonalTable] = {Customer: PersonalTable(Customer, (), (), None, {})}
    for table in Base.metadata.sorted_tables:
        mapper = mappers[table]
        if mapper.class_ is Customer:
            continue
        parents = tuple(
            (_attribute(mapper, column), mappers[key.referred_table].class_)
            for key in table.foreign_key_constraints
            if mappers[key.referred_table].class_ in found
            for column in _referring(key)
        )
        matches = tuple(
            (_attribute(mapper, column), column.info[CUSTOMER_FIELD])
            for column in table.columns
            if CUSTOMER_FIELD in column.info
        )
        if parents or matches:
            kept_if = table.info.get(KEPT_IF)
            erased = {} if kept_if is None else _erased(mapper, parents, found)
            found[mapper.class_] = PersonalTable(mapper.class_, parents, matches, kept_if, erased)
    return tuple(found.values())


def _referring(key: ForeignKeyConstraint) -> list[Any]:
    return [element.parent for element in key.elements if element.column.name == "id"]


def _attribute(mapper: Mapper[Any], column: Any) -> InstrumentedAttribute[Any]:
    attribute: InstrumentedAttribute[Any] = getattr(mapper.class_, mapper.get_property_by_column(column).key)
    return attribute


def _erased(
    mapper: Mapper[Any],
    parents: tuple[tuple[InstrumentedAttribute[Any], Model], ...],
    found: dict[Model, PersonalTable],
) -> dict[str, Any]:
    """Return the values of a kept row: no reference to deleted rows, no personal data."""
    gone = {attribute.key: None for attribute, model in parents if found[model].kept_if is None}
    columns = [column for column in mapper.local_table.columns if ERASED_TO in column.info]
    return gone | {_attribute(mapper, column).key: column.info[ERASED_TO] for column in columns}


def personal_rows(*customers: Customer) -> Iterator[PersonalRows]:
    """Yield the rows about customers of the session's shop, each table after those it refers to."""
    conditions: dict[Model, ColumnElement[bool]] = {}
    ids = [customer.id for customer in customers]
    for table in personal_tables():
        own = [Customer.id.in_(ids)] if table.model is Customer else list(_named(table, customers, conditions))
        conditions[table.model] = or_(false(), *own)
        yield PersonalRows(table, conditions[table.model])


def _named(
    table: PersonalTable, customers: Sequence[Customer], conditions: dict[Model, ColumnElement[bool]]
) -> Iterator[ColumnElement[bool]]:
    for attribute, parent in table.parents:
        if parent is Customer:
            yield attribute.in_([customer.id for customer in customers])
        else:
            yield attribute.in_(select(parent.id).where(conditions[parent]))
    for attribute, field in table.matches:
        values = [value for customer in customers if (value := getattr(customer, field))]
        if values:
            yield attribute.in_(
                [form for value in values for form in phone_forms(value)] if field == "phone" else values
            )


def phone_forms(phone: str | None) -> list[str]:
    """Return the formats in which a number may have been stored before it was normalised."""
    return [phone, phone[1:], f"0{phone[4:]}"] if phone else []

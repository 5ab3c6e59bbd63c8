"""Ledger entries with their customer, order and note."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from shop.db.session import db
from shop.domain.customers.contact import full_name
from shop.models import Customer, LoyaltyAccount, LoyaltyEntry, LoyaltyEntryNote, Order
from shop.queries.ledger.customer import LINE_COLUMNS, LedgerLine, line_of


@dataclass(frozen=True, slots=True)
class ShopLedgerLine:
    """An entry and its customer; a deleted customer has neither id nor e-mail."""

    id: int
    customer_id: int | None
    email: str | None
    name: str
    line: LedgerLine


def read_ledger_lines(ids: list[int]) -> list[ShopLedgerLine]:
    """Return entries by id, in the order of the ids."""
    rows = {row.id: _line(row) for row in db.session.execute(_lines().where(LoyaltyEntry.id.in_(ids)))}
    return [rows[entry_id] for entry_id in ids]


def beside(statement: Any) -> Any:
    """Return a statement on entries joined with customer, order and note."""
    entry = LoyaltyEntry
    return (
        statement.select_from(entry)
        .outerjoin(LoyaltyAccount, LoyaltyAccount.id == entry.account_id)
        .outerjoin(Customer, Customer.id == LoyaltyAccount.customer_id)
        .outerjoin(Order, Order.id == entry.order_id)
        .outerjoin(LoyaltyEntryNote, LoyaltyEntryNote.entry_id == entry.id)
    )


def _lines() -> Any:
    customer = (Customer.id.label("customer_id"), Customer.email, Customer.first_name, Customer.last_name)
    return beside(select(*LINE_COLUMNS, LoyaltyEntry.id, *customer))


def _line(row: Any) -> ShopLedgerLine:
    return ShopLedgerLine(
        id=row.id,
        customer_id=row.customer_id,
        email=row.email,
        name=full_name(row.first_name, row.last_name, row.email),
        line=line_of(row[: len(LINE_COLUMNS)]),
    )

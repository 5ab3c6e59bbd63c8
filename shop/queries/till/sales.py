"""Sales of the till, newest first, and the sales that a new one may repeat."""

from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, select

from shop.db.session import db
from shop.domain.customers.contact import full_name
from shop.models import Customer, Order, TillSale
from shop.services import clock

SHOWN: Final = 4
REPEATED_WITHIN: Final = timedelta(minutes=5)
"""The same amount for the same customer within this time is asked about."""


class SaleSummary(NamedTuple):
    """A sale with its order and customer."""

    order_id: int
    order_number: str
    customer_id: int
    customer_name: str
    amount_cents: int
    method: str
    reference: str | None
    points_earned: int
    created_at: datetime
    undone_at: datetime | None


def list_recent_sales(limit: int = SHOWN) -> list[SaleSummary]:
    """Return the newest sales of the shop."""
    return _select(_sales().order_by(TillSale.created_at.desc(), TillSale.id.desc()).limit(limit))


def find_repeated_sale(customer_id: int, amount_cents: int) -> SaleSummary | None:
    """Return a sale of the last minutes of the same customer and amount; undone ones do not count."""
    since = clock.now() - REPEATED_WITHIN
    same = (Order.customer_id == customer_id, TillSale.amount_cents == amount_cents, TillSale.undone_at.is_(None))
    found = _select(_sales().where(TillSale.created_at >= since, *same).order_by(TillSale.created_at.desc()).limit(1))
    return found[0] if found else None


def find_sale_by_reference(reference: str) -> SaleSummary | None:
    """Return the sale that a payment reference belongs to."""
    found = _select(_sales().where(TillSale.reference == reference, TillSale.undone_at.is_(None)).limit(1))
    return found[0] if found else None


def _sales() -> Select[Any]:
    sale = TillSale
    columns: tuple[Any, ...] = (
        *(Order.id, Order.order_number, Order.customer_id),
        *(Customer.first_name, Customer.last_name, Customer.email, Customer.phone),
        *(sale.amount_cents, sale.method, sale.reference, Order.points_earned, sale.created_at, sale.undone_at),
    )
    statement = select(*columns).select_from(sale).join(Order, Order.id == sale.order_id)
    return statement.join(Customer, Customer.id == Order.customer_id)


def _select(statement: Select[Any]) -> list[SaleSummary]:
    return [SaleSummary._make((*row[:3], full_name(*row[3:7]), *row[7:])) for row in db.session.execute(statement)]

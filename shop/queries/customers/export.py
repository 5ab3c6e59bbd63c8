"""The columns of the customers' file. Another column is another line."""

from collections.abc import Iterator
from typing import Final

from shop.domain.customers.fields import FIELDS
from shop.models import Customer
from shop.queries.customers.list import CustomerFilters, stream_customers
from shop.queries.listing.export import N_, Cell, ExportColumn, ExportContext, day, export_cells, money, number

COLUMNS: Final = (
    *(ExportColumn(field.label, getattr(Customer, field.name).expression) for field in FIELDS),
    ExportColumn(N_("Orders"), Customer.total_orders.expression, number),
    ExportColumn(N_("Spent, %(currency)s"), Customer.total_spent_cents.expression, money),
    ExportColumn(N_("Points"), Customer.points_balance.expression, number),
    ExportColumn(N_("Last order"), Customer.last_order_at.expression, day),
    ExportColumn(N_("Added"), Customer.created_at.expression, day),
    ExportColumn(N_("Phone verified"), Customer.phone_verified_at.expression, day),
)


def export_customers(filters: CustomerFilters, context: ExportContext) -> Iterator[list[Cell]]:
    """Yield the cells of all matching customers, in the list's order."""
    return export_cells(COLUMNS, stream_customers(filters, [one.column for one in COLUMNS]), context)

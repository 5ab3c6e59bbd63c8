"""The customers as a CSV file. To add a column, add a line."""

from collections.abc import Callable
from typing import Any, Final

from shop.domain.customers.fields import TYPED, CustomerField
from shop.domain.imports.cells import join_list
from shop.models import Customer
from shop.queries.customers.list import CustomerFilters, stream_customers
from shop.queries.listing.export import N_, Cell, ExportColumn, ExportContext, ListExport, day, money, number, text
from shop.services.customers.custom_fields import list_custom_fields

CONTACT: Final = 4
"""The first columns of the file; fields added later come last."""


def customers_export() -> ListExport[CustomerFilters]:
    """Return the file, with the columns of the shop's own fields."""
    own = [field for field in list_custom_fields() if field.in_export]
    values = Customer.custom_fields.expression
    columns = (
        *(_column(field) for field in TYPED[:CONTACT]),
        ExportColumn(N_("Orders"), Customer.total_orders.expression, number),
        ExportColumn(N_("Spent, %(currency)s"), Customer.total_spent_cents.expression, money),
        ExportColumn(N_("Points"), Customer.points_balance.expression, number),
        ExportColumn(N_("Last order"), Customer.last_order_at.expression, day),
        ExportColumn(N_("Added"), Customer.created_at.expression, day),
        ExportColumn(N_("Phone verified"), Customer.phone_verified_at.expression, day),
        *(_column(field) for field in TYPED[CONTACT:]),
        *(ExportColumn(field.name.replace("%", "%%"), values, _own_cell(field.key)) for field in own),
    )
    return ListExport(columns, stream_customers)


def _column(field: CustomerField) -> ExportColumn:
    cell = (lambda value, _context: join_list(value, ",", ";")) if field.kind == "tags" else text
    return ExportColumn(field.label, getattr(Customer, field.name).expression, cell)


def _own_cell(key: str) -> Callable[[Any, ExportContext], Cell]:
    return lambda values, _context: values.get(key, "")

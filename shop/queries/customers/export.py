"""The customers list as a file. To add a column, add a line."""

from typing import Final

from shop.domain.customers.fields import FIELDS
from shop.models import Customer
from shop.queries.customers.list import stream_customers
from shop.queries.listing.export import N_, ExportColumn, ListExport, day, money, number

CUSTOMERS_EXPORT: Final = ListExport(
    (
        *(ExportColumn(field.label, getattr(Customer, field.name).expression) for field in FIELDS),
        ExportColumn(N_("Orders"), Customer.total_orders.expression, number),
        ExportColumn(N_("Spent, %(currency)s"), Customer.total_spent_cents.expression, money),
        ExportColumn(N_("Points"), Customer.points_balance.expression, number),
        ExportColumn(N_("Last order"), Customer.last_order_at.expression, day),
        ExportColumn(N_("Added"), Customer.created_at.expression, day),
        ExportColumn(N_("Phone verified"), Customer.phone_verified_at.expression, day),
    ),
    stream_customers,
)

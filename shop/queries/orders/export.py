"""The columns of the orders' file. Another column is another line."""

from collections.abc import Iterator
from typing import Final

from shop.models import Customer, Order
from shop.queries.listing.export import N_, Cell, ExportColumn, ExportContext, export_cells, moment, money, number, word
from shop.queries.orders.list import OrderFilters, stream_orders

COLUMNS: Final = (
    ExportColumn(N_("Order"), Order.order_number.expression),
    ExportColumn(N_("Date"), Order.order_date.expression, moment),
    ExportColumn(N_("Status"), Order.status.expression, word),
    ExportColumn(N_("Payment"), Order.payment_status.expression, word),
    ExportColumn(N_("Payment method"), Order.payment_method.expression),
    ExportColumn(N_("E-mail"), Customer.email.expression),
    ExportColumn(N_("First name"), Customer.first_name.expression),
    ExportColumn(N_("Last name"), Customer.last_name.expression),
    ExportColumn(N_("Phone"), Customer.phone.expression),
    ExportColumn(N_("Currency"), Order.currency.expression),
    ExportColumn(N_("Subtotal"), Order.subtotal_cents.expression, money),
    ExportColumn(N_("Delivery"), Order.shipping_cents.expression, money),
    ExportColumn(N_("Tax"), Order.tax_cents.expression, money),
    ExportColumn(N_("Discount"), Order.discount_cents.expression, money),
    ExportColumn(N_("Total"), Order.total_cents.expression, money),
    ExportColumn(N_("Refunded"), Order.refunded_cents.expression, money),
    ExportColumn(N_("Points earned"), Order.points_earned.expression, number),
    ExportColumn(N_("Points redeemed"), Order.points_redeemed.expression, number),
    ExportColumn(N_("Source"), Order.source.expression, word),
)


def export_orders(filters: OrderFilters, context: ExportContext) -> Iterator[list[Cell]]:
    """Yield the cells of all matching orders, in the list's order."""
    return export_cells(COLUMNS, stream_orders(filters, [one.column for one in COLUMNS]), context)

"""The orders list as a file. To add a column, add a line."""

from typing import Final

from shop.models import Customer, Order
from shop.queries.listing.export import N_, ExportColumn, ListExport, moment, money, number, word
from shop.queries.orders.list import stream_orders

ORDERS_EXPORT: Final = ListExport(
    (
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
    ),
    stream_orders,
)

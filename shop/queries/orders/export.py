"""The orders as a CSV file. To add a column, add a line."""

from typing import Final

from sqlalchemy import BigInteger, and_, case, cast, func, select

from shop.domain.statuses import PaymentStatus
from shop.models import Customer, Order, OrderTaxLine
from shop.queries.listing.export import N_, ExportColumn, ListExport, Name, moment, money, number
from shop.queries.orders.list import stream_orders

PAYMENT_STATE: Final = case(
    (and_(Order.payment_status == PaymentStatus.PAID, Order.refunded_cents > 0), "part"),
    else_=Order.payment_status.expression,
)
"""The payment status, with ``part`` for a paid, partly refunded order, as on the pages."""
_OF_CLASSES: Final = (
    select(func.sum(OrderTaxLine.tax_cents))
    .where(OrderTaxLine.shop_id == Order.shop_id, OrderTaxLine.order_id == Order.id)
    .correlate(Order)
    .scalar_subquery()
)
ALL_TAX: Final = cast(func.coalesce(_OF_CLASSES, Order.tax_cents), BigInteger)
"""The tax of an order, included in its prices or added."""
ORDERS_EXPORT: Final = ListExport(
    (
        ExportColumn(N_("Order"), Order.order_number.expression),
        ExportColumn(N_("Date"), Order.order_date.expression, moment),
        ExportColumn(N_("Status"), Order.status.expression, Name("order_status")),
        ExportColumn(N_("Payment"), PAYMENT_STATE, Name("payment_status")),
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
        ExportColumn(N_("Source"), Order.source.expression, Name("order_source")),
        ExportColumn(N_("Tax in the total"), ALL_TAX, money),
    ),
    stream_orders,
)

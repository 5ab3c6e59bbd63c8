"""The names of order states on all pages, in mails and files.

Unpaid, Paid, To pack, Out for delivery, Done, Cancelled, Refunded.
"""

from typing import Any, Final

from flask_babel import lazy_gettext

from shop.domain.statuses import Fulfilment, OrderStatus, PaymentStatus
from shop.staff import blueprint

ORDER_STATUS: Final[dict[str, Any]] = {
    OrderStatus.PENDING: lazy_gettext("To pack"),
    OrderStatus.PROCESSING: lazy_gettext("To pack"),
    OrderStatus.COMPLETED: lazy_gettext("Done"),
    OrderStatus.CANCELLED: lazy_gettext("Cancelled"),
    "open": lazy_gettext("Open"),
    Fulfilment.TO_PACK: lazy_gettext("To pack"),
    Fulfilment.OUT_FOR_DELIVERY: lazy_gettext("Out for delivery"),
    Fulfilment.DONE: lazy_gettext("Done"),
}
PAYMENT_STATUS: Final[dict[str, Any]] = {
    PaymentStatus.PENDING: lazy_gettext("Unpaid"),
    PaymentStatus.PAID: lazy_gettext("Paid"),
    PaymentStatus.FAILED: lazy_gettext("Payment failed"),
    PaymentStatus.REFUNDED: lazy_gettext("Refunded"),
    "part": lazy_gettext("Part refunded"),
}
ORDER_SOURCE: Final[dict[str, Any]] = {
    "storefront": lazy_gettext("Web shop"),
    "api": lazy_gettext("Till / API"),
    "admin": lazy_gettext("Entered by staff"),
}
NAMES: Final = {"order_status": ORDER_STATUS, "payment_status": PAYMENT_STATUS, "order_source": ORDER_SOURCE}


def name_of(kind: str, value: str) -> str:
    """Return the name of a stored ``order_status``, ``payment_status`` or ``order_source``."""
    return str(NAMES[kind].get(value, value))


@blueprint.app_template_filter("order_source")
def order_source(source: str) -> str:
    """Return ``Web shop`` for ``storefront``."""
    return name_of("order_source", source)


@blueprint.app_template_filter("order_status")
def order_status(status: str) -> str:
    """Return ``Done`` for ``completed``."""
    return name_of("order_status", status)


@blueprint.app_template_filter("payment_status")
def payment_status(status: str) -> str:
    """Return ``Unpaid`` for ``pending``."""
    return name_of("payment_status", status)


@blueprint.app_template_filter("fulfilment")
def fulfilment(order: Any) -> str:
    """Return the name of a `Fulfilment`."""
    return Fulfilment.of(order.status, is_out=order.out_for_delivery_at is not None)

"""What the pages call the states of orders, the same everywhere: Unpaid, Paid, To pack, Done, Cancelled, Refunded."""

from typing import Any, Final

from flask_babel import lazy_gettext

from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.staff import blueprint

ORDER_STATUS: Final[dict[str, Any]] = {
    OrderStatus.PENDING: lazy_gettext("To pack"),
    OrderStatus.PROCESSING: lazy_gettext("Being packed"),
    OrderStatus.COMPLETED: lazy_gettext("Done"),
    OrderStatus.CANCELLED: lazy_gettext("Cancelled"),
    "open": lazy_gettext("Open"),
}
PAYMENT_STATUS: Final[dict[str, Any]] = {
    PaymentStatus.PENDING: lazy_gettext("Unpaid"),
    PaymentStatus.PAID: lazy_gettext("Paid"),
    PaymentStatus.FAILED: lazy_gettext("Payment failed"),
    PaymentStatus.REFUNDED: lazy_gettext("Refunded"),
    "part": lazy_gettext("Part refunded"),
}


@blueprint.app_template_filter("order_status")
def order_status(status: str) -> str:
    """``completed`` → ``Done``."""
    return str(ORDER_STATUS.get(status, status))


@blueprint.app_template_filter("payment_status")
def payment_status(status: str) -> str:
    """``pending`` → ``Unpaid``."""
    return str(PAYMENT_STATUS.get(status, status))

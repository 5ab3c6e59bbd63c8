"""Receipts of sales at the till, sent to the customer's phone or e-mail."""

from shop.db.transaction import transaction
from shop.domain.text.messages import N_
from shop.services import audit_log, rate_limits
from shop.services.actors import Actor
from shop.services.customers.message_routes import enqueue_to_customer, list_routes
from shop.services.customers.records import get_customer
from shop.services.errors import Conflict
from shop.services.rate_limits import RECEIPTS_PER_SALE
from shop.services.till.sales import get_sale_of_order

KIND = "receipt"


def find_receipt_channel(customer_id: int | None) -> str | None:
    """Return the channel that a customer's receipt goes by first; None if none reaches them."""
    customer = get_customer(customer_id) if customer_id is not None else None
    return next(iter(list_routes(KIND, customer)), None)


def send_receipt(order_id: int, actor: Actor) -> None:
    """Queue the receipt of a sale, with a link. Raise NotFound, TooOften; Conflict if nothing reaches the customer."""
    with transaction():
        order = get_sale_of_order(order_id).order
        customer = get_customer(order.customer_id) if order.customer_id is not None else None
        message = N_("The receipt was sent a moment ago.")
        rate_limits.hit(f"receipt:{order_id}", RECEIPTS_PER_SALE, message=message)
        if not enqueue_to_customer(KIND, {"order_id": order_id}, customer):
            raise Conflict("This customer has no e-mail or verified phone for a receipt.", code="no_address")
        audit_log.record(actor, "till.receipt_sent", f"order:{order_id}")

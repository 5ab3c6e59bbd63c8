"""Permission to pay an order."""

from shop.domain.codes import hash_secret, same
from shop.models.orders.order import OrderColumns
from shop.services.actors import Shopper


def may_pay(order: OrderColumns, shopper: Shopper | None, payment_token: str | None) -> bool:
    """Return whether a caller may pay an order and see its payment status.

    A payment token, if given, decides alone: it must be the order's own. Otherwise the signed-in customer of the order
    may, and the session that placed it unless a customer has signed in to that session since.
    """
    if payment_token is not None:
        return same(hash_secret(payment_token), order.payment_token_hash or "")
    if shopper is None:
        return False
    if shopper.customer_id is not None:
        return shopper.customer_id == order.customer_id
    return shopper.session_id == order.shopper_session_id

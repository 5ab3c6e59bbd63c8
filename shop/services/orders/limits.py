"""How many orders one network address may place, and how many mails about orders one mailbox gets."""

from shop.domain.codes import hash_subject
from shop.domain.text.messages import N_
from shop.services import rate_limits
from shop.services.app_config import app_config
from shop.services.errors import TooOften


def count_order(address: str) -> None:
    """Count an order of a client's network address, in the order's transaction. Raise TooOften past the limit."""
    config = app_config()
    rate_limits.hit(
        f"order-address:{hash_subject(config['SECRET_KEY'], address)}",
        rate_limits.orders_per_address(config["ORDERS_PER_ADDRESS_HOUR"]),
        message=N_("Too many orders were placed from here. Try again later."),
    )


def may_mail(email: str) -> bool:
    """Count a mail about an order to a mailbox, in the order's transaction; False past the limits."""
    bucket = f"order-mail:{hash_subject(app_config()['SECRET_KEY'], email)}"
    try:
        rate_limits.hit(bucket, *rate_limits.ORDER_MAILS_PER_MAILBOX, message="")
    except TooOften:
        return False
    return True

"""Limits on orders per network address and on order mails per mailbox."""

from shop.domain.codes import hash_subject
from shop.domain.text.messages import N_
from shop.services.app_config import app_config
from shop.services.errors import TooOften
from shop.services.rate_limits import ORDER_MAILS_PER_MAILBOX, count_uses, orders_per_address


def count_order(address: str | None, mailbox: str | None) -> bool:
    """Count an order of a client's network address and its mail, in the order's transaction.

    Return whether the mail may be sent; None values are not counted. Raise TooOften past the address's limit.
    """
    config, by_address, by_mailbox = app_config(), "", ""
    buckets = {}
    if address is not None:
        by_address = f"order-address:{hash_subject(config['SECRET_KEY'], address)}"
        buckets[by_address] = [orders_per_address(config["ORDERS_PER_ADDRESS_HOUR"])]
    if mailbox is not None:
        by_mailbox = f"order-mail:{hash_subject(config['SECRET_KEY'], mailbox)}"
        buckets[by_mailbox] = [*ORDER_MAILS_PER_MAILBOX]
    waits = count_uses(buckets)
    if by_address in waits:
        raise TooOften(N_("Too many orders were placed from here. Try again later."), retry_after=waits[by_address])
    return mailbox is not None and by_mailbox not in waits

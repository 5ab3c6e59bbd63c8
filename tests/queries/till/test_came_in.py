"""Payments that just came in: those of the last minutes that wait, with a masked phone."""

import secrets
from datetime import timedelta

from shop.domain.payments.mpesa_values import parse_payer
from shop.queries.till.came_in import find_came_in, list_came_in
from shop.services import clock
from shop.services.customers.records import create_customer
from shop.services.payment_matching.claims import mark_returned
from shop.services.payment_matching.matching import receive_payment
from shop.services.payments.received import Confirmation, lock_by_reference
from tests.factories import TESTER


def came(minutes, payer="254799123456"):
    receipt = f"S{secrets.token_hex(5).upper()[1:]}"
    moment = clock.now() - timedelta(minutes=minutes)
    receive_payment(Confirmation(receipt, moment, 96_000, payer=parse_payer(payer), payer_name="Jane Doe"))
    return receipt


def test_what_waits_and_is_recent_is_listed(ctx):
    create_customer(phone="+254712345678")
    older, newer, hashed = came(10), came(2), came(1, secrets.token_hex(32))
    came(16)
    came(1, "254712345678")  # a sale of the customer with this phone
    returned = came(3)
    mark_returned(lock_by_reference(returned).id, "QX7", TESTER)
    found = list_came_in()
    assert [(each.receipt, each.phone) for each in found] == [
        (hashed, ""),
        (newer, "0799 ••• 456"),
        (older, "0799 ••• 456"),
    ]
    assert "Jane" not in str(found)
    assert (find_came_in(newer), find_came_in(returned)) == (found[1], None)

"""Claiming a payment by M-Pesa that earned no points, by the code in its message."""

import secrets
from datetime import UTC, datetime

import pytest

from shop.domain.payments.mpesa_values import parse_payer
from shop.services.loyalty.ledger import find_balance
from shop.services.payment_matching.claims import claim_for_customer
from shop.services.payment_matching.matching import receive_payment
from shop.services.payments.received import Confirmation, lock_by_reference
from shop.services.shops.settings import change_settings
from tests import factories
from tests.support.codes import newest_code


@pytest.fixture
def jane(inside):
    inside(change_settings, {"loyalty_points_enabled": "true"}, factories.TESTER)
    inside(factories.make_payment_address)
    return inside(factories.make_customer, "jane@example.com", first_name="Jane")


@pytest.fixture
def claim(app, client, shop, inside, jane):
    """Return a function that enters a code on Jane's page and returns the answer; ``GET`` is the page."""
    address = f"/me/{shop.slug}"
    client.post(f"{address}/code", data={"identifier": jane.email})
    client.post(f"{address}/sign-in", data={"identifier": jane.email, "code": inside(newest_code, app)})
    return lambda receipt: client.post(f"{address}/payments", data={"receipt": receipt}, follow_redirects=True)


@pytest.fixture
def receipt(inside):
    """The receipt of a payment over KES 960 that waits."""
    receipt = f"S{secrets.token_hex(5).upper()[1:]}"
    moment = datetime(2026, 1, 6, 20, 2, tzinfo=UTC)
    inside(receive_payment, Confirmation(receipt, moment, 96_000, payer=parse_payer(secrets.token_hex(32))))
    return receipt


def test_a_payment_is_claimed_once(inside, claim, jane, receipt):
    first, again = claim(f" {receipt.lower()} "), claim(receipt)
    assert (first.status_code, "The payment is counted for you" in first.text) == (200, True)
    assert (again.status_code, "counted for you already" in again.text) == (409, True)
    assert inside(find_balance, jane.id) == 960


def test_each_refusal_says_what_to_do(inside, claim, jane, receipt):
    other = inside(factories.make_customer)
    payment = inside(lambda: lock_by_reference(receipt).id)
    inside(claim_for_customer, payment, other.id, factories.TESTER)
    for typed, status, words in (
        (receipt, 409, "already used or sent back"),
        ("SGH7X2K9QP", 422, "no payment with this code yet"),
        ("my receipt", 422, "not a code from M-Pesa"),
        ("\0" * 400, 422, "not a code from M-Pesa"),
    ):
        answer = claim(typed)
        assert (answer.status_code, words in answer.text) == (status, True), answer.text
    for _ in range(10):
        last = claim("SGH7X2K9QQ")
    assert (last.status_code, "Too many receipt numbers" in last.text) == (429, True)
    assert inside(find_balance, jane.id) == 0


def test_a_stranger_is_asked_to_sign_in(client, shop, jane, receipt):
    answer = client.post(f"/me/{shop.slug}/payments", data={"receipt": receipt})
    assert (answer.status_code, "Your session has ended" in answer.text) == (401, True)

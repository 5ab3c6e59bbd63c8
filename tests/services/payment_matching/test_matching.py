"""Received payments: stored once, matched once, in whatever order things arrive."""

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text

from shop.db.session import db
from shop.db.tenant import use_shop
from shop.db.transaction import transaction
from shop.domain.payments.mpesa_values import parse_payer
from shop.models import LoyaltyEntry, ReceivedPayment
from shop.services.customers.records import create_customer
from shop.services.errors import Conflict
from shop.services.loyalty.ledger import find_balance
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from shop.services.orders.repository import get_order
from shop.services.payment_matching.matching import match_waiting, receive_payment
from shop.services.payments.received import Confirmation, store_payment
from shop.services.till.sales import Sale, get_sale_of_order, record_sale, undo_sale
from tests import factories
from tests.factories import TESTER

PHONE = "+254712345678"
HASHED = "9f2c" + "0a" * 28 + "e41a"


def paid(amount_cents=96_000, account="", payer=PHONE, **rest):
    """A payment with a receipt number that no other test has."""
    receipt = f"T{uuid4().hex[:9].upper()}"
    moment = datetime(2026, 1, 6, 20, 2, 12, tzinfo=UTC)
    return Confirmation(receipt, moment, amount_cents, account=account, payer=parse_payer(payer), **rest)


def stored(confirmation):
    found = select(ReceivedPayment).where(ReceivedPayment.transaction_id == confirmation.transaction_id)
    return db.session.scalars(found.execution_options(populate_existing=True)).one()


def count_awards():
    return db.session.scalars(select(func.count(LoyaltyEntry.id))).one()


def in_shop_of(app, shop_id, call):
    with app.app_context():
        use_shop(shop_id)
        return call()


def is_waited_for():
    """Return whether a transaction waits for a lock of this database; on SQLite the next writer always waits."""
    if db.session.get_bind().dialect.name == "sqlite":
        return True
    here = "database IS NULL OR database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    return db.session.execute(text(f"SELECT count(*) FROM pg_locks WHERE NOT granted AND ({here})")).scalar_one() > 0


@pytest.fixture
def jane(ctx):
    return create_customer(phone=PHONE, first_name="Jane")


@pytest.fixture
def order(jane):
    return factories.make_order(jane, 240_000)


@pytest.mark.parametrize("written", ["{}", "ord {}", "#{}", "{}."])
def test_an_order_number_as_account_pays_that_order(order, written):
    payment = paid(240_000, written.format(order.order_number.removeprefix("ORD-").lower()), payer="")
    assert [receive_payment(payment) for _ in range(3)] == ["matched"] * 3
    found = get_order(order.id)
    assert (found.payment_status, [each.reference for each in found.transactions]) == ("paid", [payment.transaction_id])
    assert (stored(payment).matched_by, stored(payment).order_id, count_awards()) == ("order_number", order.id, 1)


def test_the_last_five_characters_are_enough(order):
    payment = paid(240_000, order.order_number[-5:])
    assert (receive_payment(payment), stored(payment).order_id) == ("matched", order.id)


@pytest.mark.parametrize(("cents", "state"), [(239_900, "short"), (240_100, "over")])
def test_another_amount_is_held_with_what_is_wrong(order, cents, state):
    payment = paid(cents, order.order_number)
    assert receive_payment(payment) == state
    assert (stored(payment).order_id, get_order(order.id).payment_status, count_awards()) == (order.id, "pending", 0)


def test_a_second_payment_of_one_order_is_held(order):
    assert receive_payment(paid(240_000, order.order_number)) == "matched"
    assert (receive_payment(paid(240_000, order.order_number)), count_awards()) == ("twice", 1)


def test_a_payment_of_a_cancelled_order_is_held(order):
    set_order_status(order.id, "cancelled", TESTER)
    assert (receive_payment(paid(240_000, order.order_number)), count_awards()) == ("late", 0)


def test_staff_who_were_first_are_believed(order):
    payment = paid(240_000, order.order_number)
    set_payment_status(order.id, "paid", TESTER, reference=payment.transaction_id)
    assert (receive_payment(payment), stored(payment).matched_by, count_awards()) == ("matched", "reference", 1)


def test_staff_who_enter_the_receipt_later_match_it(order):
    payment = paid(240_000, "GRACE", payer="")
    assert (receive_payment(payment), match_waiting()) == ("unmatched", 0)
    set_payment_status(order.id, "paid", TESTER, reference=payment.transaction_id)
    assert (match_waiting(), match_waiting()) == (1, 0)
    assert (stored(payment).state, stored(payment).order_id) == ("matched", order.id)


def test_a_known_phone_makes_a_sale_at_the_till(jane):
    payment = paid()
    assert [receive_payment(payment) for _ in range(3)] == ["matched"] * 3
    sale = get_sale_of_order(stored(payment).order_id)
    assert (sale.order.customer_id, sale.sale.reference, sale.sale.method) == (
        jane.id,
        payment.transaction_id,
        "mpesa",
    )
    assert (sale.sale.taken_at, find_balance(jane.id), count_awards()) == (payment.paid_at, 960, 1)


def test_a_sale_at_the_till_first_awards_once(jane):
    payment = paid()
    sale = Sale(str(uuid4()), 96_000, "mpesa", jane.id, reference=payment.transaction_id)
    order_id = record_sale(sale, TESTER).order.id
    assert (receive_payment(payment), stored(payment).order_id, find_balance(jane.id)) == ("matched", order_id, 960)


def test_a_sale_at_the_till_afterwards_awards_once(jane):
    payment = paid()
    receive_payment(payment)
    sale = Sale(str(uuid4()), 96_000, "mpesa", jane.id, reference=payment.transaction_id)
    with pytest.raises(Conflict) as refused:
        record_sale(sale, TESTER)
    assert (refused.value.code, find_balance(jane.id)) == ("reference_used", 960)


def test_a_sale_at_the_till_takes_a_payment_that_waits(jane):
    payment = paid(payer=HASHED)
    assert receive_payment(payment) == "unmatched"
    record_sale(Sale(str(uuid4()), 96_000, "mpesa", jane.id, reference=payment.transaction_id), TESTER)
    assert (stored(payment).state, stored(payment).matched_by, find_balance(jane.id)) == ("matched", "reference", 960)


def test_an_undone_sale_lets_its_payment_wait_again(jane):
    payment = paid()
    receive_payment(payment)
    undo_sale(get_sale_of_order(stored(payment).order_id).sale.sale_id, TESTER)
    assert (stored(payment).state, stored(payment).order_id, find_balance(jane.id)) == ("unmatched", None, 0)
    assert (match_waiting(), receive_payment(payment)) == (0, "unmatched")


def test_an_unpaid_order_that_costs_the_same_asks_staff_first(order):
    assert (receive_payment(paid(240_000)), count_awards()) == ("unmatched", 0)


@pytest.mark.parametrize("payer", ["0799999999", HASHED, "2547 ***** 678", ""])
def test_an_unknown_payer_waits(jane, payer):
    payment = paid(payer=payer)
    assert (receive_payment(payment), stored(payment).order_id, count_awards()) == ("unmatched", None, 0)


def test_a_payment_that_was_only_stored_is_matched_by_the_worker(jane):
    payment = paid()
    assert (store_payment(payment), store_payment(replace(payment, amount_cents=5))) == (True, False)
    assert (stored(payment).state, stored(payment).amount_cents) == ("received", 96_000)
    assert match_waiting() >= 1
    assert (stored(payment).state, find_balance(jane.id)) == ("matched", 960)


def test_a_confirmation_waits_for_the_sale_that_uses_its_payment(app, ctx, jane, order):
    payment = paid(240_000, order.order_number, payer="")
    sale = Sale(str(uuid4()), 240_000, "mpesa", jane.id, reference=payment.transaction_id)
    db.session.commit()
    with ThreadPoolExecutor(1) as pool:
        with transaction():
            record_sale(sale, TESTER)
            confirmed = pool.submit(in_shop_of, app, ctx.id, partial(receive_payment, payment))
            while not (is_waited_for() or confirmed.done()):
                wait([confirmed], timeout=0.05)
        assert confirmed.result(30) == "matched"
    assert (get_order(order.id).payment_status, count_awards()) == ("pending", 1)

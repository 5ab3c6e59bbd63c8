"""What needs attention: found, with the rows it is about, and gone once it is dealt with or old."""

from datetime import UTC, datetime, timedelta

import pytest

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import OutboxMessage
from shop.queries.dashboard.alerts import SHOWN, get_alerts
from shop.services import clock, outbox
from shop.services.actors import Actor
from shop.services.customers.erasure.deletion import delete_customer
from shop.services.loyalty.adjustments import adjust_points
from shop.services.loyalty.ledger import find_balance
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from shop.services.orders.refunds import refund_order
from shop.services.shops.settings import change_setting
from tests import factories
from tests.factories import TESTER

NOON = datetime(2026, 7, 12, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon(ctx):
    with clock.moved_to(NOON):
        yield


def later(**passed):
    return clock.moved_to(NOON + timedelta(**passed))


def test_in_a_new_shop_nothing_waits():
    attention = get_alerts()
    assert attention.count == 0
    assert not attention.mails


@pytest.fixture
def jane():
    return factories.make_customer("jane@example.com", first_name="Jane", last_name="Kamau", points=1000)


@pytest.fixture
def product():
    return factories.make_product(price_cents=10000)


def fail_mail(recipient, times=1):
    """A message that was tried in vain."""
    with transaction():
        outbox.enqueue("order_placed", {"order_id": 1}, recipient=recipient)
    db.session.rollback()
    message = db.session.query(OutboxMessage).order_by(OutboxMessage.id.desc()).first()
    with transaction():
        message.attempts, message.last_error = times, "The mail server is away."
    return message


def test_a_mail_that_failed_is_shown_until_it_left(jane):
    message = fail_mail(jane.email, 3)
    (row,) = get_alerts().mails.rows
    assert (row.recipient, row.customer_id, row.attempts) == (jane.email, jane.id, 3)
    assert row.error == "The mail server is away."
    with transaction():
        message.state, message.last_error = "sent", None
    assert not get_alerts().mails


def test_a_mail_that_only_waits_is_nothing_to_look_at(jane):
    with transaction():
        outbox.enqueue("order_placed", {"order_id": 1}, recipient=jane.email)
    assert not get_alerts().mails


def test_an_unpaid_order_that_holds_points_is_shown_after_two_days(jane, product):
    order = factories.place(jane, [(product, 1)], points=400).order
    with later(hours=47):
        assert not get_alerts().unpaid
    with later(hours=49):
        found = get_alerts().unpaid
        assert (found.count, found.points) == (1, 400)
        assert (found.rows[0].order_number, found.rows[0].name) == (order.order_number, "Jane Kamau")
        set_payment_status(order.id, "paid", TESTER)
        assert not get_alerts().unpaid


def test_a_cancelled_order_holds_nothing(jane, product):
    order = factories.place(jane, [(product, 1)], points=400).order
    set_order_status(order.id, "cancelled", TESTER)
    with later(days=3):
        assert not get_alerts().unpaid


def test_an_unpaid_order_without_points_is_nothing_to_look_at(jane, product):
    factories.place(jane, [(product, 1)])
    with later(days=3):
        assert not get_alerts().unpaid


def test_an_order_paid_while_loyalty_was_off_is_shown_when_it_is_on_again(jane):
    change_setting("loyalty_points_enabled", False, TESTER)
    order = factories.make_order(jane, 98075, payment_status="paid")
    assert not get_alerts().missed
    change_setting("loyalty_points_enabled", True, TESTER)
    found = get_alerts().missed
    assert (found.count, found.points) == (1, 980)
    assert found.rows[0][:2] == (order.id, order.order_number)
    with later(days=31):
        assert not get_alerts().missed


@pytest.mark.parametrize("minimum", ["1000", "0"])
def test_an_order_that_earned_by_its_rules_is_not_shown(jane, minimum):
    change_setting("loyalty_min_order_subtotal_to_earn", minimum, TESTER)
    factories.make_order(jane, 98075, payment_status="paid")
    factories.make_order(jane, 98075)
    assert not get_alerts().missed


def test_an_order_that_waits_for_another_trigger_is_not_shown(jane):
    change_setting("loyalty_award_trigger", "order_completed", TESTER)
    factories.make_order(jane, 98075, payment_status="paid")
    assert not get_alerts().missed


def spend_and_refund(jane):
    """980 points earned, all spent, and taken back: a shortfall."""
    order = factories.make_order(jane, 98000, payment_status="paid")
    adjust_points(jane.id, -find_balance(jane.id), "spent", TESTER)
    refund_order(order.id, None, "broken", TESTER)
    return order


def test_points_that_could_not_be_taken_back_are_shown_until_they_were_taken_by_hand(jane):
    order = spend_and_refund(jane)
    (row,) = get_alerts().shortfalls.rows
    assert (row.customer_id, row.name, row.order_number, row.points) == (jane.id, "Jane Kamau", order.order_number, 980)
    adjust_points(jane.id, 2000, "a gift", TESTER)
    adjust_points(jane.id, -900, "for the order", TESTER)
    assert get_alerts().shortfalls.points == 980
    adjust_points(jane.id, -80, "the rest of it", TESTER)
    assert not get_alerts().shortfalls


def test_a_deleted_customers_shortfall_belongs_to_no_one(jane):
    spend_and_refund(jane)
    delete_customer(jane.id, TESTER)
    assert not get_alerts().shortfalls


def test_a_day_with_more_redemptions_than_usual_is_shown(jane, product):
    change_setting("attention_redemptions_per_day", 2, TESTER)
    for _ in range(2):
        factories.place(jane, [(product, 1)], points=10)
    assert not get_alerts().redemptions
    factories.place(jane, [(product, 1)], points=10)
    (row,) = get_alerts().redemptions.rows
    assert (row.day.isoformat(), row.id, row.name, row.times) == ("2026-07-12", jane.id, "Jane Kamau", 3)
    with later(days=14):
        assert not get_alerts().redemptions


def test_midnight_in_the_shops_zone_parts_the_days(jane, product):
    change_setting("attention_redemptions_per_day", 1, TESTER)
    for hours in (11, 13):  # 23:00 and 01:00 in Nairobi
        with later(hours=hours):
            factories.place(jane, [(product, 1)], points=10)
    with later(days=1):
        assert not get_alerts().redemptions


def test_a_person_who_adjusts_more_than_usual_is_shown(jane):
    change_setting("attention_adjustments_per_day", 3, TESTER)
    clerk = factories.make_staff(role="owner")
    for _ in range(4):
        adjust_points(jane.id, 1, "goodwill", Actor("staff", clerk.user_id, clerk.name))
        adjust_points(jane.id, 1, "goodwill", Actor("api_key", 7, "Till"))
    (row,) = get_alerts().adjustments.rows
    assert (row.id, row.name, row.times) == (clerk.user_id, clerk.name, 4)


def test_a_few_rows_are_shown_and_all_are_counted(jane):
    change_setting("loyalty_points_enabled", False, TESTER)
    for _ in range(SHOWN + 2):
        factories.make_order(jane, 10000, payment_status="paid")
    change_setting("loyalty_points_enabled", True, TESTER)
    found = get_alerts().missed
    assert (len(found.rows), found.count, found.points) == (SHOWN, SHOWN + 2, 100 * (SHOWN + 2))
    assert not found.is_many


def test_another_shops_matters_are_not_shown(jane):
    spend_and_refund(jane)
    fail_mail(jane.email)
    assert get_alerts().count == 2
    factories.make_shop()
    assert get_alerts().count == 0

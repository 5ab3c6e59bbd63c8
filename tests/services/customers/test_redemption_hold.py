"""After staff changed how a customer is reached, points are on hold for the shop's hours."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import AuditEntry, OutboxMessage
from shop.queries.dashboard.alerts import get_alerts
from shop.services import clock
from shop.services.actors import Actor
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.customers.records import update_customer
from shop.services.customers.redemption_hold import lift_hold
from shop.services.errors import InvalidInput, NotAllowed
from shop.services.loyalty.ledger import find_balance
from shop.services.loyalty.redemption import preview_redemption
from shop.services.merging.customers import merge_customers
from shop.services.shops.settings import change_setting
from tests import factories
from tests.factories import TESTER

MANAGER, OTHER = Actor("staff", 7, "Mary"), Actor("staff", 8, "Otieno")
KEY = Actor("api_key", 1, "Till")


@pytest.fixture
def jane(ctx):
    return factories.make_customer("jane@example.com", phone="0712345678", points=500)


@pytest.fixture
def goods(ctx):
    return [(factories.make_product(price_cents=100_000), 1)]


def refusal(customer, goods):
    with pytest.raises(InvalidInput) as refused:
        factories.place(factories.reload(customer), goods, points=100)
    return refused.value.code


def held(customer):
    return factories.reload(customer).redemption_held_until


@pytest.mark.parametrize("changed", [{"email": "insider@example.net"}, {"phone": "0722000111"}])
def test_a_change_by_staff_holds_redemption_for_a_day(jane, goods, changed):
    update_customer(jane.id, MANAGER, **changed)
    assert refusal(jane, goods) == "redemption_held"
    assert find_balance(jane.id) == 500
    with clock.moved_to(clock.now() + timedelta(hours=24, seconds=1)):
        factories.place(factories.reload(jane), goods, points=100)
    assert find_balance(jane.id) == 400


def test_nothing_is_held_for_a_name_a_program_or_a_shop_that_turned_it_off(jane):
    update_customer(jane.id, MANAGER, first_name="Jane")
    update_customer(jane.id, KEY, email="synced@example.com")
    change_setting("redemption_hold_hours", 0, TESTER)
    update_customer(jane.id, MANAGER, email="new@example.com")
    assert held(jane) is None


def test_the_old_address_is_notified(jane):
    update_customer(jane.id, MANAGER, phone="0722000111")
    update_customer(jane.id, MANAGER, email="insider@example.net")
    mails = db.session.execute(select(OutboxMessage.kind, OutboxMessage.recipient, OutboxMessage.payload)).all()
    assert ("email_changed", "jane@example.com", {"customer_id": jane.id, "held_hours": 24}) in mails
    assert [mail.payload for mail in mails if mail.kind == "account_notice"] == [
        {"notice": "phone_changed", "held_hours": 24}
    ]


def test_a_hold_is_not_revealed_without_token(jane, goods):
    update_customer(jane.id, MANAGER, email="insider@example.net")
    with pytest.raises(InvalidInput) as refused:
        factories.place(factories.reload(jane), goods, points=100, token="0" * 64)
    assert refused.value.code == "invalid_redemption_token"


def test_the_preview_says_so(jane, goods):
    update_customer(jane.id, MANAGER, email="insider@example.net")
    lines = [CartLine(product.id, quantity) for product, quantity in goods]
    assert preview_redemption(lines, email="insider@example.net", phone=None, coupon_code=None).possible.reason == (
        "redemption_held"
    )


def test_another_person_or_an_owner_ends_it_with_a_reason(jane, goods):
    update_customer(jane.id, MANAGER, email="new@example.com")
    assert get_alerts().held.rows[0].id == jane.id
    with pytest.raises(NotAllowed):
        lift_hold(jane.id, "Typo in the address", MANAGER, is_owner=False)
    with pytest.raises(InvalidInput):
        lift_hold(jane.id, " \u200b", OTHER, is_owner=False)
    lift_hold(jane.id, "Typo in the address", OTHER, is_owner=False)
    assert held(jane) is None
    assert not get_alerts().held
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert (entry.action, entry.reason) == ("customer.redemption_released", "Typo in the address")
    factories.place(factories.reload(jane), goods, points=100)
    update_customer(jane.id, MANAGER, email="newer@example.com")
    lift_hold(jane.id, "Typo in the address", MANAGER, is_owner=True)
    assert held(jane) is None


def test_a_merge_by_staff_holds_the_moved_points_and_notifies_the_other_address(jane, goods):
    insider = factories.make_customer("insider@example.net")
    merge_customers(jane.id, insider.id, MANAGER)
    assert refusal(insider, goods) == "redemption_held"
    reported = select(OutboxMessage.recipient, OutboxMessage.payload).where(OutboxMessage.kind == "account_notice")
    assert db.session.execute(reported).all() == [("jane@example.com", {"notice": "merged", "held_hours": 24})]

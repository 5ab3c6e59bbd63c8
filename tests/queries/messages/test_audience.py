"""Who a message to many reaches, and what it costs."""

import pytest

from shop.domain.customers.privacy import ConsentKind
from shop.queries.customers.list import CustomerFilters
from shop.queries.messages.audience import Audience, count_audience, estimate_cost
from shop.services import clock
from shop.services.customers.records import create_customer
from shop.services.messaging.channels.base import Receipt
from shop.services.messaging.deliveries import begin_delivery, end_delivery
from shop.services.messaging.spending import get_limit
from shop.services.outbox import ClaimedMessage
from shop.services.privacy.consents import ConsentStatement, record_consent
from shop.services.shops.settings import change_settings
from tests import factories
from tests.factories import TESTER

EMAIL, SMS = ConsentKind.MARKETING_EMAIL, ConsentKind.MARKETING_SMS


@pytest.fixture
def people(ctx):
    """Agreed to both, to SMS alone, to e-mail without having one, withdrew, and has nothing."""
    change_settings({"message_channels": "sms,email"}, TESTER)
    both = factories.make_customer("a@example.com", phone="0712000001", verified=True)
    sms = create_customer(phone="0712000002", actor=TESTER)
    email = factories.make_customer("b@example.com", phone="0712000003", verified=False)
    withdrew = factories.make_customer("c@example.com", phone="0712000004", verified=True)
    create_customer(phone="0712000005", verified=False, actor=TESTER)
    agreed = [(both, EMAIL, True), (both, SMS, True), (sms, SMS, True), (email, SMS, True), (email, EMAIL, True)]
    for customer, kind, given in [*agreed, (withdrew, SMS, True), (withdrew, SMS, False)]:
        record_consent(customer.id, ConsentStatement(kind, given, "paper", "poster 1"), TESTER)
    return both


def test_each_is_counted_by_the_first_channel_or_with_the_reason(people):
    assert count_audience(CustomerFilters()) == Audience({"sms": 2, "email": 1}, no_consent=1, no_address=1)
    change_settings({"message_channels": "email"}, TESTER)
    assert count_audience(CustomerFilters()) == Audience({"email": 2}, no_consent=1, no_address=2)
    assert count_audience(CustomerFilters(ids=(people.id,))).reached == 1
    change_settings({"message_channels": "whatsapp"}, TESTER)
    assert count_audience(CustomerFilters()) == Audience({}, no_consent=0, no_address=5)


def test_the_cost_is_that_of_the_segments(ctx):
    cost = estimate_cost("Fresh milk\nat KES 55.", 3, None)
    assert (cost.length.segments, cost.length.is_gsm, cost.segments, cost.cost_cents) == (1, True, 3, 240)
    assert "Fresh milk at KES 55." in cost.text
    assert cost.left_cents is None
    emoji = estimate_cost("Maziwa 🥛 " + "x" * 120, 2, None)
    assert (emoji.length.segments, emoji.length.is_gsm, emoji.segments) == (3, False, 6)


def test_the_price_is_what_the_provider_charged_and_the_limit_is_compared(ctx):
    change_settings({"message_monthly_limit": "2.00"}, TESTER)
    message = ClaimedMessage(1, ctx.id, "otp_code", {}, None, 1, clock.now(), channel="sms", phone="+254712000001")
    begin_delivery(message, 2)
    end_delivery(message, Receipt("ATXid_1", 10000, "KES"))
    cost = estimate_cost("Milk", 3, get_limit())
    assert (cost.price_e4, cost.cost_cents, cost.left_cents) == (5000, 150, 100)
    assert cost.is_above_limit

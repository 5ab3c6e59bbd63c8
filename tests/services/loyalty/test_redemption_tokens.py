"""Redemption tokens: whose they are, how long they are valid, and that each is used once."""

from datetime import UTC, datetime, timedelta

import pytest

from shop.db.transaction import transaction
from shop.services import clock
from shop.services.errors import InvalidInput
from shop.services.loyalty.redemption_tokens import issue_token, token_is_good, use_token
from tests import factories

START = datetime(2026, 1, 15, 10, tzinfo=UTC)


def at(**later):
    return clock.moved_to(START + timedelta(**later))


def test_a_token_is_valid_for_its_minutes_and_its_customer(ctx):
    jane, john = factories.make_customer(), factories.make_customer()
    with at(), transaction():
        token = issue_token(jane.id, 30)
    with at(minutes=29, seconds=59):
        assert token_is_good(token, jane.id)
        assert not token_is_good(token, john.id)
        assert not token_is_good("another", jane.id)
    with at(minutes=30):
        assert not token_is_good(token, jane.id)


def test_a_token_is_used_once_and_by_its_customer_alone(ctx):
    jane, john = factories.make_customer(), factories.make_customer()
    order = factories.make_order(jane)
    with at(), transaction():
        token = issue_token(jane.id, 30)
        with pytest.raises(InvalidInput) as refused:
            use_token(token, john.id, order.id)
        assert refused.value.code == "invalid_redemption_token"
        use_token(token, jane.id, order.id)
        assert not token_is_good(token, jane.id)
        with pytest.raises(InvalidInput):
            use_token(token, jane.id, order.id)

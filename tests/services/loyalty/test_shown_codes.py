"""Codes that a customer shows at the till."""

from datetime import UTC, datetime, timedelta

import pytest

from shop.services import clock
from shop.services.errors import TooOften
from shop.services.loyalty.otp import TRIES_FROM_ELSEWHERE, OtpConfig, send_code, verify_code
from shop.services.loyalty.shown_codes import find_shown_code, show_code
from tests import factories

CONFIG = OtpConfig("a key for tests alone, 32 letters long")
START = datetime(2026, 1, 15, 10, tzinfo=UTC)


def at(**later):
    return clock.moved_to(START + timedelta(**later))


def verify(customer, code):
    return verify_code(code, email=customer.email, phone=None, address="192.0.2.7", config=CONFIG).token


@pytest.fixture
def jane(ctx):
    return factories.make_customer("jane@example.com", points=500)


def test_a_code_is_shown_until_it_expires(jane):
    with at():
        shown = show_code(jane.id, CONFIG)
        assert shown.expires_at == START + timedelta(minutes=10)
        assert find_shown_code(factories.make_customer().id, CONFIG) is None
    with at(minutes=9, seconds=59):
        assert find_shown_code(jane.id, CONFIG) == shown
    with at(minutes=10):
        assert find_shown_code(jane.id, CONFIG) is None


def test_a_new_code_replaces_the_one_shown_and_no_other(jane):
    with at():
        send_code(email=jane.email, phone=None, address="192.0.2.7", config=CONFIG)
        assert find_shown_code(jane.id, CONFIG) is None
        first = show_code(jane.id, CONFIG)
        second = show_code(jane.id, CONFIG)
        assert find_shown_code(jane.id, CONFIG) == second
        assert verify(jane, first.code) is None
        assert verify(jane, second.code)
        assert find_shown_code(jane.id, CONFIG) is None


def test_a_code_is_shown_while_the_till_accepts_it(jane):
    with at():
        shown = show_code(jane.id, CONFIG)
        wrong = f"{(int(shown.code) + 1) % 10**6:06d}"
        for _ in range(TRIES_FROM_ELSEWHERE):
            assert find_shown_code(jane.id, CONFIG) == shown
            assert verify(jane, wrong) is None
        assert find_shown_code(jane.id, CONFIG) is None
        assert verify(jane, shown.code) is None


def test_thirty_codes_an_hour_are_shown(jane):
    with at():
        for _ in range(30):
            show_code(jane.id, CONFIG)
        with pytest.raises(TooOften):
            show_code(jane.id, CONFIG)

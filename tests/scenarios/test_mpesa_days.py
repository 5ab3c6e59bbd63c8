"""Days of payments to a short code, with lost, late, repeated and unordered confirmations, and reversals."""

import pytest

from shop.services.loyalty.verification import verify_ledger
from shop.services.payments.config import PaymentConfig
from tests.support.daraja import FakeDaraja
from tests.support.mpesa_days import Days


@pytest.fixture
def daraja():
    server = FakeDaraja()
    server.start()
    yield server
    server.stop()


def test_days_with_faults_end_without_an_open_difference(app, ctx, daraja, monkeypatch):
    monkeypatch.setitem(app.config, "DARAJA_URL", daraja.url)
    days = Days(7, daraja, PaymentConfig.of(app.config))
    assert days.live(6) == []
    assert days.payments >= 48
    assert {"lost", "late", "repeated", "stranger"} <= days.faults.keys()
    assert verify_ledger(ctx.id).is_clean

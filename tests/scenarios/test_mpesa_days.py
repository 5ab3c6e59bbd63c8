"""Days of payments to a short code, with lost, late, repeated and unordered confirmations."""

from shop.services.loyalty.verification import verify_ledger
from tests.support.mpesa_days import Days


def test_days_with_faults_end_without_an_open_difference(ctx):
    days = Days(seed=7)
    assert days.live(6) == []
    assert days.payments >= 48
    assert {"lost", "late", "repeated", "stranger"} <= days.faults.keys()
    assert verify_ledger(ctx.id).is_clean

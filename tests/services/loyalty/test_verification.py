"""Tampering is found and named. Each test has a database of its own, from which the triggers are dropped first."""

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import LoyaltyAccount
from shop.services.loyalty.verification import verify_ledger
from tests import factories
from tests.support.rows import run_sql

TRIGGERS = {
    "sqlite": ("loyalty_entries_never_change", "loyalty_entries_never_go", "loyalty_entries_continue"),
    "postgresql": ("loyalty_entries_stay", "loyalty_entries_never_emptied", "loyalty_entries_continue"),
}


@pytest.fixture
def accounts(private_app, engine_name):
    """Three accounts of three entries each, in a ledger that no longer defends itself."""
    with private_app.app_context():
        factories.make_shop()
        customers = [factories.make_customer(points=100) for _ in range(3)]
        for customer in customers:
            factories.make_order(customer, 5000, payment_status="paid")
            factories.adjust_points(customer.id, -30, "for a test", factories.TESTER)
        run_sql("DELETE FROM loyalty_entry_notes")
        for trigger in TRIGGERS[engine_name]:
            run_sql(f"DROP TRIGGER {trigger}" + ("" if engine_name == "sqlite" else " ON loyalty_entries"))
        yield db.session.scalars(select(LoyaltyAccount).order_by(LoyaltyAccount.id)).all()


def test_an_untouched_ledger_is_clean(accounts):
    proof = verify_ledger()
    assert (proof.is_clean, proof.accounts, proof.entries) == (True, 3, 9)


@pytest.mark.parametrize(
    ("statement", "seq", "words"),
    [
        (
            "UPDATE loyalty_entries SET points = 51 WHERE account_id = :id AND seq = 2",
            2,
            "after it must be 151",
        ),
        ("UPDATE loyalty_entries SET balance_after = 1 WHERE account_id = :id AND seq = 1", 1, "must be 100, not 1"),
        ("DELETE FROM loyalty_entries WHERE account_id = :id AND seq = 2", 3, "its number must be 2"),
        ("DELETE FROM loyalty_entries WHERE account_id = :id AND seq = 3", None, "must count 2 entries, not 3"),
        ("DELETE FROM loyalty_entries WHERE account_id = :id", None, "must count 0 entries, not 3"),
        ("UPDATE loyalty_accounts SET points_balance = 999 WHERE id = :id", None, "balance must be 120"),
        ("UPDATE loyalty_accounts SET lifetime_earned = 0 WHERE id = :id", None, "lifetime points must be 50, not 0"),
        ("UPDATE loyalty_accounts SET entries_count = 4 WHERE id = :id", None, "must count 3 entries, not 4"),
    ],
)
def test_tampering_is_found_and_named(accounts, statement, seq, words):
    run_sql(statement, id=accounts[1].id)
    (fault,) = verify_ledger().faults
    assert (fault.account_id, fault.customer_id, fault.seq) == (accounts[1].id, accounts[1].customer_id, seq)
    assert words in str(fault)


def test_every_account_that_is_off_is_named(accounts):
    run_sql("UPDATE loyalty_accounts SET points_balance = points_balance + 1")
    assert [fault.account_id for fault in verify_ledger().faults] == [account.id for account in accounts]


def test_progress_is_reported_to_the_end(accounts):
    reported = []
    verify_ledger(on_progress=lambda done, total: reported.append((done, total)))
    assert reported[-1] == (9, 9)


def test_what_progress_raises_ends_the_check(accounts):
    def stop(done, total):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        verify_ledger(on_progress=stop)


def test_an_account_is_read_entry_by_entry(accounts, monkeypatch):
    monkeypatch.setattr("shop.services.loyalty.verification.BATCH", 2)
    reported = []
    verify_ledger(on_progress=lambda done, total: reported.append(done))
    assert reported == sorted(reported)
    assert len(set(reported)) > 3  # within accounts too

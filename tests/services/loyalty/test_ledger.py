"""The ledger defends itself: what raw SQL cannot do to it, on either engine."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.statuses import EntryKind
from shop.models import LoyaltyAccount, LoyaltyEntry
from shop.services.loyalty.ledger import InsufficientPoints, Movement, find_balance, move_points
from shop.services.loyalty.verification import verify_ledger
from tests import factories
from tests.support.entries import newest_entries
from tests.support.rows import raw_connection, run_sql, snapshot

INSERT = """
    {verb} INTO loyalty_entries ({more} shop_id, account_id, seq, kind, points, balance_after, idempotency_key,
                                 system_note, actor_kind, actor_label, meta, created_at)
    VALUES ({values} :shop_id, :account_id, :seq, 'manual', :points, :balance_after, :key,
            '', 'system', 'Tester', '{{}}', '2026-01-15 10:00:00')
"""
MOVE_ACCOUNT = "UPDATE loyalty_accounts SET points_balance = :balance, entries_count = :seq WHERE id = :account_id"


@pytest.fixture
def account(ctx):
    """An account with one entry of 100 points."""
    customer = factories.make_customer(points=100)
    return db.session.scalars(select(LoyaltyAccount).where(LoyaltyAccount.customer_id == customer.id)).one()


def entry_of(account):
    return db.session.scalars(select(LoyaltyEntry).where(LoyaltyEntry.account_id == account.id)).one()


def insert(account, *, seq, points, balance_after, key="raw", verb="INSERT", entry_id=None, move=True):
    """An entry by raw SQL, the account moved along first."""
    values = {"shop_id": account.shop_id, "account_id": account.id}
    with raw_connection() as connection:
        if move:
            moved = {"balance": balance_after, "seq": seq, "account_id": values["account_id"]}
            connection.execute(text(MOVE_ACCOUNT), moved)
        statement = INSERT.format(verb=verb, more="id," if entry_id else "", values=":id," if entry_id else "")
        connection.execute(
            text(statement),
            values | {"seq": seq, "points": points, "balance_after": balance_after, "key": key, "id": entry_id},
        )


def assert_refused(shop_id, action):
    """Run an action that the database must refuse, with nothing changed by it."""
    before = snapshot(shop_id)
    with pytest.raises(DBAPIError):
        action()
    assert snapshot(shop_id) == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE loyalty_entries SET points = 1 WHERE id = :id",
        "UPDATE loyalty_entries SET system_note = system_note WHERE id = :id",
        "UPDATE loyalty_entries SET id = id + 1000000 WHERE id = :id",
        "DELETE FROM loyalty_entries WHERE id = :id",
        "DELETE FROM loyalty_entries",
    ],
)
def test_an_entry_is_never_changed_and_never_goes(ctx, account, statement):
    values = {"id": entry_of(account).id} if ":id" in statement else {}
    assert_refused(ctx.id, lambda: run_sql(statement, **values))


def test_the_ledger_is_never_emptied(ctx, account, engine_name):
    statement = "DELETE FROM loyalty_entries" if engine_name == "sqlite" else "TRUNCATE loyalty_entries CASCADE"
    assert_refused(ctx.id, lambda: run_sql(statement))


def test_an_entry_that_continues_its_account_is_taken(ctx, account):
    insert(account, seq=2, points=50, balance_after=150)
    assert find_balance(account.customer_id) == 150


@pytest.mark.parametrize(
    "wrong",
    [
        {"seq": 2, "points": 50, "balance_after": 150, "move": False},
        {"seq": 2, "points": 40, "balance_after": 150},
        {"seq": 2, "points": -101, "balance_after": -1},
        {"seq": 3, "points": 50, "balance_after": 150},
        {"seq": 1, "points": 50, "balance_after": 50},
        {"seq": 0, "points": 50, "balance_after": 50},
    ],
    ids=["account not moved", "sum is wrong", "below zero", "leaves a gap", "number is taken", "number zero"],
)
def test_an_entry_that_does_not_continue_its_account_is_refused(ctx, account, wrong):
    assert_refused(ctx.id, lambda: insert(account, **wrong))


def test_a_first_entry_must_start_from_zero(ctx):
    customer = factories.make_customer()
    with transaction() as session:
        account = LoyaltyAccount(
            customer_id=customer.id, created_at=customer.created_at, updated_at=customer.created_at
        )
        session.add(account)
    assert_refused(ctx.id, lambda: insert(account, seq=1, points=50, balance_after=60))


def test_a_key_is_there_once(ctx, account):
    key = entry_of(account).idempotency_key
    assert_refused(ctx.id, lambda: insert(account, seq=2, points=50, balance_after=150, key=key))


def test_no_entry_is_replaced_by_another(ctx, account, engine_name):
    entry = entry_of(account)
    if engine_name == "sqlite":
        for clash in ({"entry_id": entry.id}, {"key": entry.idempotency_key}):
            assert_refused(
                ctx.id,
                lambda clash=clash: insert(
                    account, seq=2, points=50, balance_after=150, verb="INSERT OR REPLACE", **clash
                ),
            )
        assert_refused(
            ctx.id, lambda: insert(account, seq=1, points=50, balance_after=50, verb="INSERT OR REPLACE", move=True)
        )
        assert_refused(
            ctx.id, lambda: run_sql("UPDATE OR REPLACE loyalty_entries SET points = 1 WHERE id = :id", id=entry.id)
        )
    else:
        copy = (
            "INSERT INTO loyalty_entries SELECT * FROM loyalty_entries WHERE id = :id "
            "ON CONFLICT (id) DO UPDATE SET points = 1"
        )
        assert_refused(ctx.id, lambda: run_sql(copy, id=entry.id))


@pytest.mark.parametrize("column", ["points_balance", "lifetime_earned", "entries_count"])
def test_an_account_never_goes_below_zero(ctx, account, column):
    assert_refused(ctx.id, lambda: run_sql(f"UPDATE loyalty_accounts SET {column} = -1 WHERE id = :id", id=account.id))


def test_an_account_with_entries_cannot_be_deleted(ctx, account):
    assert_refused(ctx.id, lambda: run_sql("DELETE FROM loyalty_accounts WHERE id = :id", id=account.id))


def test_entries_are_numbered_without_a_gap_and_lead_from_balance_to_balance(ctx):
    customer = factories.make_customer(points=10)
    for points in (5, -7, 1, -9):
        with transaction():
            move_points(customer.id, Movement(EntryKind.ADJUSTED, points, factories.unique("key"), factories.TESTER))
    entries = newest_entries(customer.id)
    assert [(entry.seq, entry.points, entry.balance_after) for entry in entries] == [
        (5, -9, 0),
        (4, 1, 9),
        (3, -7, 8),
        (2, 5, 15),
        (1, 10, 10),
    ]


def test_more_points_than_there_are_cannot_be_moved_and_nothing_is_written(ctx, account):
    before = snapshot(ctx.id)
    with pytest.raises(InsufficientPoints), transaction():
        move_points(account.customer_id, Movement(EntryKind.ADJUSTED, -101, "too many", factories.TESTER))
    assert snapshot(ctx.id) == before


def test_the_ledger_of_an_honest_shop_verifies(ctx, account):
    proof = verify_ledger(ctx.id)
    assert (proof.is_clean, proof.accounts, proof.entries) == (True, 1, 1)

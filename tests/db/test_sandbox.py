"""A database constraint prevents live shops from having a movable clock."""

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from shop.db.session import db
from shop.db.tenant import all_tenants, in_shop
from shop.db.transaction import transaction
from shop.models import LoyaltyEntry, SandboxClock, SandboxMessage, Shop
from shop.services import clock
from shop.services.sandbox.shops import create_sandbox
from shop.services.shops.shops import get_shop
from tests import factories


def execute(statement, **values):
    with transaction() as session, all_tenants():
        session.execute(text(statement), values)


@pytest.mark.parametrize("is_sandbox", ["true", "false"])
def test_a_live_shop_cannot_have_a_clock(ctx, is_sandbox):
    row = f"INSERT INTO sandbox_clocks (shop_id, sandbox, ahead_seconds) VALUES (:shop, {is_sandbox}, 60)"
    with pytest.raises(IntegrityError):
        execute(row, shop=ctx.id)


def test_a_clock_cannot_be_handed_to_a_live_shop(ctx):
    made = create_sandbox(get_shop(ctx.slug)).id
    for change in ("shop_id = :live", "shop_id = :live, sandbox = false", "sandbox = false", "sandbox = NULL"):
        with pytest.raises(IntegrityError):
            execute(f"UPDATE sandbox_clocks SET {change} WHERE shop_id = :made", made=made, live=ctx.id)
    with pytest.raises(IntegrityError):
        execute("UPDATE shops SET id = 987654321 WHERE id = :made", made=made)


def test_a_live_shop_cannot_have_messages_that_are_not_sent(ctx):
    values = {"kind": "code", "channel": "email", "recipient": "a@b.example", "subject": "", "text": ""}
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(insert(SandboxMessage.__table__).values(shop_id=ctx.id, sent_at=clock.now(), **values))


def test_a_shop_stays_what_it_is(ctx):
    with pytest.raises(DBAPIError, match="never changes"):
        execute("UPDATE shops SET sandbox = true WHERE id = :shop", shop=ctx.id)
    made = create_sandbox(get_shop(ctx.slug))
    with pytest.raises(DBAPIError, match="never changes"):
        execute("UPDATE shops SET sandbox = false WHERE id = :shop", shop=made.id)


def test_a_sandbox_has_a_clock_of_its_own(ctx):
    made = create_sandbox(get_shop(ctx.slug))
    real = clock.now()
    with in_shop(made.id), transaction() as session:
        session.scalars(select(SandboxClock)).one().ahead_seconds = 86_400
    with in_shop(made.id):
        assert 86_000 < (clock.now() - real).total_seconds() < 87_000
        with in_shop(ctx.id):
            assert (clock.now() - real).total_seconds() < 600
        assert (clock.real_now() - real).total_seconds() < 600
    assert (clock.now() - real).total_seconds() < 600
    assert db.session.scalars(select(Shop.sandbox).where(Shop.id == made.id)).one()


def test_only_a_sandbox_s_ledger_can_be_emptied(ctx):
    factories.make_customer(points=10)
    with pytest.raises(DBAPIError, match="never"):
        execute("DELETE FROM loyalty_entries WHERE shop_id = :shop", shop=ctx.id)
    made = create_sandbox(get_shop(ctx.slug))
    with in_shop(made.id):
        factories.make_customer(points=10)
        with pytest.raises(DBAPIError, match="never"):
            execute("UPDATE loyalty_entries SET points = 11 WHERE shop_id = :shop", shop=made.id)
        entry = db.session.scalars(select(LoyaltyEntry)).one().id
        execute("DELETE FROM loyalty_entry_notes WHERE shop_id = :shop", shop=made.id)
        execute("DELETE FROM loyalty_entries WHERE id = :id", id=entry)
        assert db.session.scalars(select(LoyaltyEntry.id)).all() == []

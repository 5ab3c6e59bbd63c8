"""Prepared queries behave as the ORM does: types, defaults, errors, events, savepoints."""

from datetime import UTC, timedelta

import pytest
from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError, NoResultFound, StatementError

from shop.db.prepared import SHOP, PreparedQuery, table
from shop.db.session import db
from shop.db.tenant import use_shop
from shop.db.transaction import transaction
from shop.models import Customer, CustomerNote, OutboxMessage, PaymentMethod, Product
from shop.services import clock
from tests import factories
from tests.support.rows import snapshot

messages, notes, methods = table(OutboxMessage).c, table(CustomerNote).c, table(PaymentMethod).c
PUT = PreparedQuery(insert(table(OutboxMessage)).returning(messages.id))
READ = PreparedQuery(select(table(OutboxMessage)).where(messages.shop_id == SHOP, messages.id == bindparam("which")))
NOTE = PreparedQuery(insert(table(CustomerNote)).returning(notes.id, notes.pinned, notes.created_at))
METHOD = PreparedQuery(insert(table(PaymentMethod)).returning(methods.id, methods.config))
NOTES = PreparedQuery(insert(table(CustomerNote)).returning(notes.id, notes.content))


def message(**rest):
    now = clock.now()
    return {"kind": "x", "payload": {"n": [1, "é"]}, "recipient": None, "due_at": now, "created_at": now} | rest


def test_values_come_out_as_the_models_have_them(ctx):
    east = clock.now().astimezone(tz=None).replace(microsecond=123456)
    with transaction():
        number = PUT(**message(due_at=east)).scalar_one()
        row = READ(which=number).one()
    assert (row.payload, row.state, row.attempts, row.recipient) == ({"n": [1, "é"]}, "waiting", 0, None)
    assert (row.due_at, row.due_at.tzinfo) == (east, UTC)
    kept = db.session.get_one(OutboxMessage, number)
    assert (kept.payload, kept.due_at, kept.finished_at) == (row.payload, row.due_at, None)


def test_defaults_of_the_model_are_filled_in(ctx):
    jane = factories.make_customer().id
    with transaction():
        row = NOTE(customer_id=jane, author_label="x", content="y", created_at=clock.now()).one()
        other = NOTE(customer_id=jane, author_label="x", content="y", created_at=clock.now(), pinned=True).one()
        made = METHOD(code="b", name="B").one()
    assert (row.pinned, other.pinned) == (False, True)
    assert made.config == {}, "a default that is made again each time"


def test_a_row_may_be_looked_for_and_not_found(ctx):
    def find():
        return READ(which=2**40)

    assert (find().first(), find().scalar(), find().all(), list(find())) == (None, None, [], [])
    for one in (find().one, find().scalar_one):
        with pytest.raises(NoResultFound):
            one()


def test_what_the_database_refuses_is_sqlalchemys_error_and_can_be_rolled_back(ctx):
    before = snapshot(ctx.id)

    def twice():
        with transaction():
            for _ in range(2):
                METHOD(code="same", name="Same")

    with pytest.raises(IntegrityError):
        twice()
    assert snapshot(ctx.id) == before
    assert READ(which=1).first() is None, "the session can be used again"


def test_a_naive_time_is_refused(ctx):
    naive = clock.now().replace(tzinfo=None)
    with pytest.raises((ValueError, StatementError), match="aware"), transaction():
        PUT(**message(due_at=naive))


def test_a_value_that_is_missing_is_an_error(ctx):
    with pytest.raises((KeyError, StatementError)):
        READ()


def test_it_is_reported_like_any_other_statement(ctx, statements):
    with statements() as seen, transaction():
        PUT(**message())
    assert [one.split()[:3] for one in seen if not one.startswith("BEGIN")] == [["INSERT", "INTO", "outbox_messages"]]


@pytest.mark.parametrize("count", [0, 1, 10, 25])
def test_many_rows_are_added_at_once_to_the_shop(ctx, count):
    jane = factories.make_customer().id
    factories.make_shop()
    theirs = snapshot(ctx.id)
    use_shop(ctx.id)
    common = {"customer_id": jane, "author_label": "x", "pinned": False, "created_at": clock.now()}
    with transaction():
        made = NOTES.many([common | {"content": str(number)} for number in range(count)])
    assert sorted(int(row.content) for row in made) == list(range(count))
    kept = db.session.execute(select(CustomerNote.id, CustomerNote.shop_id)).all()
    assert {row.id for row in kept} == {row.id for row in made}
    assert {row.shop_id for row in kept} <= {ctx.id}
    assert (snapshot(ctx.id) == theirs) == (count == 0)


def test_a_savepoint_takes_back_what_was_written_first_thing_within_it(ctx):
    with transaction() as session:
        PUT(**message(kind="kept"))
        nested = session.begin_nested()
        PUT(**message(kind="gone"))
        nested.rollback()
        PUT(**message(kind="last"))
    kinds = select(OutboxMessage.kind).order_by(OutboxMessage.id)
    assert list(db.session.scalars(kinds)) == ["kept", "last"]


def test_after_a_rollback_within_the_block_the_session_finds_a_connection_again(ctx):
    with transaction() as session:
        PUT(**message())
        session.rollback()
        assert READ(which=1).first() is None


def test_a_list_of_any_length_is_left_to_sqlalchemy(ctx):
    ids = [factories.make_product().id for _ in range(3)]
    rows = table(Product).c
    named = PreparedQuery(select(rows.id).where(rows.shop_id == SHOP, rows.id.in_(bindparam("ids", expanding=True))))
    for some in (ids, ids[:1], []):
        assert sorted(row.id for row in named(ids=some)) == some


def test_moments_of_another_zone_are_the_same_moments(ctx):
    later = clock.now() + timedelta(hours=1)
    customers = table(Customer).c
    with transaction():
        factories.make_customer()
    young = PreparedQuery(
        select(customers.id).where(customers.shop_id == SHOP, customers.created_at < bindparam("moment"))
    )
    assert len(young(moment=later).all()) == 1
    assert young(moment=later - timedelta(days=1)).all() == []

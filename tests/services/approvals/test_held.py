"""Rows of imports and actions on many customers wait for a second person as single changes do."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import ApprovalRequest, Customer, ImportLine
from shop.queries.customers.list import CustomerFilters
from shop.queries.customers.selection import pack_filters
from shop.services import clock
from shop.services.approvals.requests import decide, make_or_request, request_bulk, request_import, request_rows
from shop.services.bulk.actions import get_bulk, purge_bulk, start_bulk, stop_bulk
from shop.services.errors import Conflict
from shop.services.imports.purging import purge_imports
from shop.services.imports.records import ImportFile, create_import, get_import, start_apply, start_undo
from shop.services.imports.work import work_on_imports
from shop.services.loyalty.ledger import find_balance
from shop.services.shops.settings import change_setting
from shop.worker.jobs.bulk_actions import run_batch
from tests import factories
from tests.factories import TESTER

FILE = b"email,points_balance\nsmall@example.com,500\nlarge@example.com,50000\nlarger@example.com,60000\n"
PARAMS = {"points": 20_000, "note": "Won the draw", "tell": False}
EVERYBODY = pack_filters(CustomerFilters())


@pytest.fixture
def owner(ctx):
    return factories.make_staff("owner@example.com").actor


@pytest.fixture
def manager(owner):
    change_setting("approval_required", True, TESTER)
    return factories.make_staff("manager@example.com", role="manager").actor


def work():
    while work_on_imports(request_import):
        pass
    db.session.expire_all()


def request():
    return db.session.scalars(select(ApprovalRequest)).one()


def verdicts(import_id):
    rows = select(ImportLine).where(ImportLine.import_id == import_id).order_by(ImportLine.number)
    return [line.verdict for line in db.session.scalars(rows)]


def balance_of(email):
    found = db.session.scalars(select(Customer).where(Customer.email == email)).first()
    return None if found is None else find_balance(found.id)


@pytest.fixture
def imported(owner, manager):
    made = create_import(ImportFile("customers", FILE, "balances.csv"), owner)
    work()
    assert verdicts(made.id) == ["new", "held", "held"]
    start_apply(made.id, owner)
    work()
    return made.id


def test_rows_with_large_balances_are_applied_once_they_are_approved(imported, manager):
    assert (get_import(imported).state, verdicts(imported)) == ("applied", ["new", "held", "held"])
    assert [balance_of(f"{name}@example.com") for name in ("small", "large")] == [500, None]
    assert request().payload == {"import_id": imported, "count": 2, "filename": "balances.csv"}
    decide(request().id, manager, approve=True)
    work()
    found = get_import(imported)
    assert (found.state, found.counts["new"], found.counts["held"]) == ("applied", 3, 0)
    assert [balance_of(f"{name}@example.com") for name in ("large", "larger")] == [50_000, 60_000]


def test_an_approved_import_is_undone_whole(imported, owner, manager):
    decide(request().id, manager, approve=True)
    work()
    start_undo(imported, owner)
    work()
    assert (get_import(imported).undo_counts["restored"], balance_of("large@example.com")) == (3, None)


def test_refused_rows_stay_out(imported, manager):
    decide(request().id, manager, approve=False, reason="Not agreed")
    work()
    assert (verdicts(imported), get_import(imported).counts["refused"]) == (["new", "refused", "refused"], 2)
    assert balance_of("large@example.com") is None


def test_held_rows_are_refused_once_nobody_can_approve_them(imported, monkeypatch):
    now = clock.now()
    for days, expected in ((6, "held"), (8, "refused")):
        monkeypatch.setattr(clock, "now", lambda days=days: now + timedelta(days=days))
        purge_imports()
        db.session.expire_all()
        assert verdicts(imported) == ["new", expected, expected]
    assert (get_import(imported).counts["held"], get_import(imported).counts["refused"]) == (0, 2)
    with pytest.raises(Conflict, match="expired"):
        decide(request().id, factories.make_staff("other@example.com").actor, approve=True)


def test_the_rows_of_an_undone_import_cannot_be_approved(imported, owner, manager):
    start_undo(imported, owner)
    work()
    with pytest.raises(Conflict, match="undone"):
        decide(request().id, manager, approve=True)


def test_without_a_second_person_rows_are_applied_at_once(owner):
    change_setting("approval_required", True, TESTER)
    made = create_import(ImportFile("customers", FILE, apply_at_once=True), owner)
    work()
    assert verdicts(made.id) == ["new", "new", "new"]


def test_rows_of_a_program_are_held_with_all_their_fields(owner, manager):
    cells = {"email": "api@example.com", "tags": "VIP, Regular", "metadata.till": "7", "points_balance": "50000"}
    request_rows([(3, cells)], owner)
    decide(request().id, manager, approve=True)
    work()
    found = db.session.scalars(select(Customer).where(Customer.email == "api@example.com")).one()
    assert (found.tags, found.extra, find_balance(found.id)) == (["VIP", "Regular"], {"till": "7"}, 50_000)


@pytest.fixture
def people(manager):
    return [factories.make_customer(points=points) for points in (100, 30)]


@pytest.fixture
def held(owner, people):
    ask = EVERYBODY, 2, owner
    ids = []
    made = make_or_request(lambda: start_bulk("adjust", PARAMS, *ask), lambda: ids.append(request_bulk(PARAMS, *ask)))
    assert made is None
    return ids[0]


def run(action_id):
    while run_batch(action_id):
        pass
    db.session.expire_all()


def test_an_adjustment_of_many_waits_and_ends_with_as_many_as_were_approved(held, people, manager):
    factories.make_customer()  # matches the selection, but no one approved it
    run(held)
    assert (get_bulk(held).state, get_bulk(held).done) == ("held", 0)
    decide(request().id, manager, approve=True)
    run(held)
    assert (get_bulk(held).state, get_bulk(held).changed) == ("done", 2)
    assert [find_balance(one.id) for one in people] == [20_100, 20_030]


def test_a_refused_adjustment_of_many_is_stopped(held, people, manager):
    decide(request().id, manager, approve=False, reason="Too dear")
    run(held)
    assert (get_bulk(held).state, find_balance(people[0].id)) == ("stopped", 100)


def test_a_withdrawn_adjustment_of_many_cannot_be_approved(held, owner, manager):
    stop_bulk(held, owner)
    with pytest.raises(Conflict, match="stopped"):
        decide(request().id, manager, approve=True)


def test_a_held_adjustment_ends_with_its_request(held, monkeypatch):
    later = clock.now() + timedelta(days=8)
    monkeypatch.setattr(clock, "now", lambda: later)
    purge_bulk()
    db.session.expire_all()
    assert get_bulk(held).state == "stopped"


def test_a_small_adjustment_of_many_starts_at_once(people, owner):
    assert get_bulk(start_bulk("adjust", PARAMS | {"points": 10}, EVERYBODY, 2, owner)).state == "waiting"

"""A second person approves or refuses a requested change."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import ApprovalRequest, AuditEntry, LoyaltyEntry, OutboxMessage
from shop.services import clock, rate_limits
from shop.services.actors import Actor
from shop.services.approvals.requests import (
    count_pending,
    decide,
    list_requests,
    make_or_request,
    request_adjustment,
    request_settings,
)
from shop.services.customers.erasure.deletion import delete_customer
from shop.services.errors import Conflict, InvalidInput, NotAllowed, NotFound, TooOften
from shop.services.loyalty.adjustments import adjust_points
from shop.services.loyalty.ledger import InsufficientPoints, find_balance
from shop.services.shops.settings import change_setting, get_settings
from shop.services.staff.api_keys import revoke_key
from tests import factories
from tests.factories import TESTER


@pytest.fixture
def owner(ctx):
    return factories.make_staff("owner@example.com").actor


@pytest.fixture
def manager(owner):
    return factories.make_staff("manager@example.com", role="manager").actor


@pytest.fixture
def jane(ctx):
    return factories.make_customer("jane@example.com", points=100)


@pytest.fixture
def asked(jane, owner, manager):
    request_adjustment(jane.id, 50_000, "Won the draw", owner, request_key="form-1")
    request_adjustment(jane.id, 50_000, "Won the draw", owner, request_key="form-1")
    return db.session.scalars(select(ApprovalRequest)).one()


def reported():
    rows = db.session.execute(select(OutboxMessage.payload, OutboxMessage.recipient).order_by(OutboxMessage.id))
    return [(row.payload["notice"], row.recipient) for row in rows if "notice" in row.payload]


def test_an_approved_adjustment_is_made_in_the_name_of_who_asked(asked, jane, owner, manager):
    assert reported() == [("approval_requested", "manager@example.com")]
    assert count_pending() == 1
    decide(asked.id, manager, approve=True)
    assert find_balance(jane.id) == 50_100
    entry = db.session.scalars(select(LoyaltyEntry).order_by(LoyaltyEntry.id.desc()).limit(1)).one()
    assert (entry.actor_id, entry.note) == (owner.id, "Won the draw")
    assert reported()[-1] == ("approval_approved", "owner@example.com")
    actions = db.session.scalars(select(AuditEntry.action).where(AuditEntry.subject == f"customer:{jane.id}")).all()
    assert {"approval.requested", "approval.approved", "points.adjusted"} <= set(actions)
    assert count_pending() == 0
    with pytest.raises(Conflict):
        decide(asked.id, manager, approve=True)
    assert find_balance(jane.id) == 50_100


def test_a_request_cannot_be_approved_by_its_author_but_withdrawn(asked, jane, owner):
    with pytest.raises(NotAllowed):
        decide(asked.id, owner, approve=True)
    decide(asked.id, owner, approve=False)
    assert (find_balance(jane.id), asked.state) == (100, "refused")


def test_a_refusal_says_why(asked, jane, manager):
    with pytest.raises(InvalidInput):
        decide(asked.id, manager, approve=False, reason=" ")
    decide(asked.id, manager, approve=False, reason="There was no draw")
    assert (find_balance(jane.id), list_requests()[0].reason) == (100, "There was no draw")
    assert reported()[-1] == ("approval_refused", "owner@example.com")


def test_a_request_expires_after_a_week(asked, jane, manager):
    with clock.moved_to(clock.now() + timedelta(days=7)):
        assert count_pending() == 0
        with pytest.raises(Conflict):
            decide(asked.id, manager, approve=True)
    assert find_balance(jane.id) == 100


def test_settings_change_if_they_are_still_as_they_were(owner, manager):
    request_settings(
        {"loyalty_points_per_currency_unit": "2", "store_name": get_settings().values["store_name"]}, owner
    )
    first = list_requests()[0]
    assert first.payload["new"] == {"loyalty_points_per_currency_unit": "2"}
    decide(first.id, manager, approve=True)
    assert get_settings().values["loyalty_points_per_currency_unit"] == "2"
    request_settings({"loyalty_points_per_currency_unit": "3"}, owner)
    change_setting("loyalty_points_per_currency_unit", "5", TESTER)
    with pytest.raises(Conflict):
        decide(list_requests()[0].id, manager, approve=True)
    assert get_settings().values["loyalty_points_per_currency_unit"] == "5"
    assert count_pending() == 1


def test_a_manager_cannot_make_an_owners_change_by_approving_their_own_kind(owner, manager):
    other = factories.make_staff(role="manager").actor
    request_settings({"confirm_points_above": "0"}, manager)
    with pytest.raises(NotAllowed):
        decide(list_requests()[0].id, other, approve=True)
    assert get_settings().values["confirm_points_above"] == "10000"


def test_a_deleted_customers_request_goes_with_them(asked, jane, manager):
    request_id = asked.id
    delete_customer(jane.id, TESTER)
    with pytest.raises(NotFound):
        decide(request_id, manager, approve=True)


@pytest.fixture
def key(owner, manager):
    """An API key that the owner created, as one who acts."""
    change_setting("approval_required", True, owner)
    return Actor("api_key", factories.make_api_key("Till", actor=owner).id, "Till")


def adjust_by(actor, customer_id, points=50_000):
    sent = (customer_id, points, "Won the draw", actor)
    return make_or_request(lambda: adjust_points(*sent), lambda: request_adjustment(*sent))


def test_a_large_change_by_an_api_key_needs_approval_by_another_person_than_its_creator(key, jane, owner, manager):
    assert adjust_by(key, jane.id, 50) is not None
    assert adjust_by(key, jane.id) is None
    request = list_requests()[0]
    assert (find_balance(jane.id), request.requester, request.person_id) == (150, "Till", owner.id)
    assert reported() == [("approval_requested", "manager@example.com")]
    revoke_key(key.id, owner)
    with pytest.raises(NotAllowed):
        decide(request.id, owner, approve=True)
    decide(request.id, manager, approve=True)
    entry = db.session.scalars(select(LoyaltyEntry).order_by(LoyaltyEntry.id.desc()).limit(1)).one()
    assert (find_balance(jane.id), entry.actor_kind, entry.actor_id) == (50_150, "api_key", key.id)
    assert reported()[-1] == ("approval_approved", "owner@example.com")


def test_a_key_of_who_alone_could_approve_changes_at_once(jane, owner):
    change_setting("approval_required", True, owner)
    key = Actor("api_key", factories.make_api_key("Till", actor=owner).id, "Till")
    assert adjust_by(key, jane.id) is not None
    assert find_balance(jane.id) == 50_100


def test_other_refusals_are_not_sent_for_approval(key, jane):
    with pytest.raises(InsufficientPoints):
        adjust_by(key, jane.id, -5_000)
    assert list_requests() == []


def test_a_requester_sends_a_limited_number_of_changes(key, jane, monkeypatch):
    monkeypatch.setattr(rate_limits, "APPROVALS_PER_REQUESTER", rate_limits.Limit(1, 3600))
    adjust_by(key, jane.id)
    with pytest.raises(TooOften):
        adjust_by(key, jane.id)
    assert len(list_requests()) == 1

"""Roles of a shop's own: saved, given to people, deleted."""

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import AuditEntry, StaffToken
from shop.services.errors import Conflict, InvalidInput, NotFound
from shop.services.shops.second_person import find_approvers
from shop.services.staff.accounts import find_member
from shop.services.staff.links import invite_staff, list_invitations
from shop.services.staff.members import change_role
from shop.services.staff.roles import MOST_ROLES, count_by_role, delete_role, get_role, list_roles, save_role
from tests import factories
from tests.factories import TESTER

LINKS = {"secret_key": "k" * 32, "public_url": "https://shop.test"}


@pytest.fixture
def packer(ctx):
    return save_role(None, " Packer ", ["orders.fulfil", "orders.fulfil"], TESTER)


def actions():
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    return [(entry.action, entry.old_value, entry.new_value) for entry in entries if entry.action.startswith("role.")]


def test_a_role_is_added_changed_and_deleted_on_record(packer):
    assert (packer.name, packer.permissions) == ("Packer", ["orders.fulfil"])
    save_role(packer.id, "Packer", ["orders.fulfil"], TESTER)
    save_role(packer.id, "Rider", ["orders.fulfil", "notes.write"], TESTER)
    delete_role(packer.id, TESTER)
    assert list_roles() == []
    assert actions() == [
        ("role.created", None, "Packer: orders.fulfil"),
        ("role.changed", "Packer: orders.fulfil", "Rider: notes.write, orders.fulfil"),
        ("role.deleted", "Rider: notes.write, orders.fulfil", None),
    ]


@pytest.mark.parametrize(
    ("name", "permissions", "field"),
    [
        ("", [], "name"),
        ("x" * 61, [], "name"),
        ("PACKER", [], "name"),
        ("Owner", [], "name"),
        ("Rider", ["staff.manage"], "permissions"),
        ("Rider", ["no.such"], "permissions"),
    ],
)
def test_an_invalid_role_is_refused(packer, name, permissions, field):
    with pytest.raises(InvalidInput) as refused:
        save_role(None, name, permissions, TESTER)
    assert refused.value.errors[0].field == field
    assert len(list_roles()) == 1


def test_a_shop_has_a_limited_number_of_roles(ctx):
    for number in range(MOST_ROLES):
        save_role(None, f"Role {number}", [], TESTER)
    with pytest.raises(InvalidInput):
        save_role(None, "One more", [], TESTER)


def test_a_person_has_the_permissions_of_their_role_from_the_next_request(packer):
    clerk = factories.make_staff(role="clerk")
    change_role(clerk.user_id, f"own:{packer.id}", TESTER)
    member = find_member(clerk.user_id)
    assert (member.role, member.role_name) == ("clerk", "Packer")
    assert member.permissions == {"look", "orders.fulfil"}
    assert not member.may("points.adjust")
    save_role(packer.id, "Packer", ["points.adjust"], TESTER)
    assert find_member(clerk.user_id).may("points.adjust")
    change_role(clerk.user_id, "manager", TESTER)
    assert find_member(clerk.user_id).may("orders.change")


def test_a_role_in_use_stays(packer):
    clerk = factories.make_staff(role="clerk")
    change_role(clerk.user_id, f"own:{packer.id}", TESTER)
    assert count_by_role() == {packer.id: 1}
    with pytest.raises(Conflict):
        delete_role(packer.id, TESTER)
    assert get_role(packer.id).name == "Packer"


def test_deleting_a_role_withdraws_its_invitations(packer):
    email = f"{factories.unique('amina')}@example.com"
    invite_staff(email, f"own:{packer.id}", TESTER, **LINKS)
    assert [one.role_id for one in list_invitations()] == [packer.id]
    delete_role(packer.id, TESTER)
    assert list_invitations() == []
    assert db.session.scalars(select(StaffToken.role_id).where(StaffToken.email == email)).one() is None


@pytest.mark.parametrize("word", ["own:0", "own:x", "own:", "own:9999999999999999999", "own:-1", "boss", ""])
def test_an_unknown_role_cannot_be_assigned(ctx, word):
    clerk = factories.make_staff(role="clerk")
    with pytest.raises(InvalidInput):
        change_role(clerk.user_id, word, TESTER)


def test_the_last_owner_cannot_take_an_own_role(packer):
    owner = factories.make_staff()
    with pytest.raises(Conflict):
        change_role(owner.user_id, f"own:{packer.id}", TESTER)
    assert find_member(owner.user_id).role == "owner"


def test_another_shops_role_is_not_there(packer):
    foreign = packer.id
    factories.make_shop()
    stranger = factories.make_staff(role="clerk")
    with pytest.raises(NotFound):
        get_role(foreign)
    with pytest.raises(InvalidInput):
        change_role(stranger.user_id, f"own:{foreign}", TESTER)


def test_an_own_role_may_approve(ctx):
    owner = factories.make_staff()
    assert find_approvers(owner.actor) == []
    factories.make_staff(permissions=["orders.fulfil"])
    approver = factories.make_staff(permissions=["approvals.decide"])
    assert find_approvers(owner.actor) == [approver.user_id]

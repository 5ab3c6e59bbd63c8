"""The pages of roles: a form of permissions by area, given to people, deleted."""

import pytest

from shop.services.staff.roles import list_roles
from tests import factories

ROLES = "/staff/settings/roles"


@pytest.fixture
def packer(staff, inside):
    answer = staff.send(f"{ROLES}/new", name="Packer", permissions="orders.fulfil")
    assert (answer.status_code, answer.location) == (303, ROLES)
    return inside(list_roles)[0]


def test_a_role_is_added_and_listed_beside_the_presets(staff, packer):
    page = staff.get(ROLES).text
    for words in ("Packer", "0 people · 1 permission", "Preset roles", "Edit products and stock"):
        assert words in page
    assert packer.permissions == ["orders.fulfil"]


def test_a_new_role_can_start_from_a_common_one(staff):
    page = staff.get(f"{ROLES}/new?start=accountant").text
    assert 'value="Accountant"' in page
    assert page.count("checked") == 4  # with viewing, which every role has
    assert staff.get(f"{ROLES}/new?start=nothing").status_code == 200


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"name": ""}, "Enter a name"),
        ({"name": "packer"}, "Is the name of another role"),
        ({"name": "x" * 61}, "At most 60 characters"),
        ({"name": "Boss", "permissions": "staff.manage"}, "staff.manage"),
    ],
)
def test_a_wrong_role_is_named_at_its_field(staff, packer, inside, sent, words):
    answer = staff.send(f"{ROLES}/new", **sent)
    assert (answer.status_code, words in answer.text) == (422, True)
    assert len(inside(list_roles)) == 1


def test_a_role_is_given_changed_and_then_not_deleted(staff, packer, inside, browse):
    clerk = inside(factories.make_staff, role="clerk")
    staff.send(f"/staff/settings/staff/{clerk.user_id}/role", role=f"own:{packer.id}")
    assert f'value="own:{packer.id}" selected' in staff.get("/staff/settings/staff").text
    worker = browse()
    worker.sign_in(clerk.email)
    page = worker.get("/staff/").text
    assert "Packer" in page
    staff.send(f"{ROLES}/{packer.id}", name="Packer", permissions="reports.read")
    assert worker.get("/staff/reports").status_code == 200
    assert "Delete role" in staff.send(f"{ROLES}/{packer.id}/delete").text
    refused = staff.get(staff.send(f"{ROLES}/{packer.id}/delete", sure="1").location).text
    assert "People have this role." in refused
    staff.send(f"/staff/settings/staff/{clerk.user_id}/role", role="clerk")
    assert staff.send(f"{ROLES}/{packer.id}/delete", sure="1").location == ROLES
    assert inside(list_roles) == []


def test_an_invitation_names_the_role(staff, packer):
    staff.send("/staff/settings/staff/invite", email="amina@example.com", role=f"own:{packer.id}")
    assert "Packer · open until" in staff.get("/staff/settings/staff").text


def test_a_page_says_which_permissions_hide_its_buttons(staff, browse, inside):
    worker = browse()
    worker.sign_in(inside(factories.make_staff, permissions=[]).email)
    page = worker.get("/staff/customers").text
    hidden = page[page.index('id="not-allowed"') :]
    for words in ("hides some buttons on this page", "Export lists", "Message customers"):
        assert words in hidden
    assert 'id="not-allowed"' not in staff.get("/staff/customers").text

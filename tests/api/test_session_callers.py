"""The admin API for the shop's own pages: a signed-in member of staff may call it, with the session's CSRF token."""

import pytest
from sqlalchemy import select

from shop.api.permissions import PERMISSIONS, PERSONAL_LISTS, permission_of
from shop.db.session import db
from shop.domain.permissions import allows
from shop.models import AuditEntry
from tests import factories
from tests.factories import PASSWORD
from tests.support.csrf import csrf_token
from tests.support.operations import OPERATIONS

NOTE = {"content": "Rang today."}


@pytest.fixture
def sign_in(client, inside):
    """Signs somebody of the staff in, and returns the CSRF token of the session."""

    def signed(role):
        member = inside(factories.make_staff, role=role)
        fields = {"csrf_token": csrf_token(client), "email": member.email, "password": PASSWORD}
        assert client.post("/staff/sign-in", data=fields).status_code == 302
        return member, csrf_token(client)

    return signed


def test_a_session_may_read(client, inside, sign_in):
    customer = inside(factories.make_customer)
    sign_in("owner")
    assert client.get(f"/api/v1/customers/{customer.id}").json["data"]["customer"]["email"] == customer.email


def test_a_session_writes_with_its_token_and_in_its_own_name(client, inside, sign_in):
    customer = inside(factories.make_customer)
    member, token = sign_in("manager")
    answer = client.post(f"/api/v1/customers/{customer.id}/notes", json=NOTE, headers={"X-CSRFToken": token})
    assert answer.status_code == 201
    note = answer.json["data"]["note"]
    assert (note["author_id"], note["author"]) == (member.user_id, "Njeri Kamau")


@pytest.mark.parametrize("token", [None, "", "nothing", "é"])
def test_a_write_without_the_token_is_refused(client, api, inside, sign_in, token):
    customer = inside(factories.make_customer)
    sign_in("owner")
    headers = {} if token is None else {"X-CSRFToken": token}
    answer = client.post(f"/api/v1/customers/{customer.id}/notes", json=NOTE, headers=headers)
    assert (answer.status_code, answer.json["code"]) == (403, "csrf")
    assert api.get(f"/customers/{customer.id}").json["data"]["customer"]["notes"] == []


def test_a_clerk_may_look_but_not_change(client, inside, sign_in):
    customer = inside(factories.make_customer)
    _, token = sign_in("clerk")
    assert client.get(f"/api/v1/customers/{customer.id}").status_code == 200
    answer = client.delete(f"/api/v1/customers/{customer.id}", headers={"X-CSRFToken": token})
    assert (answer.status_code, answer.json["code"]) == (403, "write_not_allowed")


def test_a_wrong_key_is_not_made_good_by_a_session(client, sign_in):
    sign_in("owner")
    answer = client.get("/api/v1/customers", headers={"Authorization": "Basic Y2tfeDpjc195"})
    assert answer.status_code == 401


def test_every_operation_names_its_permission(app):
    views = {rule.endpoint.partition(".")[2] for rule in app.url_map.iter_rules() if rule.endpoint.startswith("api.")}
    assert views == PERMISSIONS.keys()
    assert PERSONAL_LISTS.keys() <= views


@pytest.mark.parametrize("role", ["clerk", "manager", "owner"])
def test_a_session_reads_by_the_api_what_its_role_may_take_home(client, inside, sign_in, world, role, subtests):
    sign_in(role)
    for operation in OPERATIONS:
        if operation.admin and operation.method == "GET":
            with subtests.test(str(operation)):
                view = client.application.url_map.bind("").match(operation.url(world).partition("?")[0])[0]
                allowed = allows(role, permission_of(view.partition(".")[2]))
                assert client.get(operation.url(world)).status_code == (200 if allowed else 403)
    assert client.get("/api/v1/customers").status_code == (403 if role == "clerk" else 200)


def test_reading_a_list_is_on_record_once_an_hour_for_each_caller(api, client, inside, sign_in):
    member, _ = sign_in("manager")
    for _ in range(3):
        assert api.get("/customers").status_code == 200
        assert api.get("/orders").status_code == 200
        assert client.get("/api/v1/customers").status_code == 200

    def lines():
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "list.read"))
        return sorted((entry.actor_kind, entry.subject) for entry in entries)

    assert inside(lines) == [
        ("api_key", "list:customers"), ("api_key", "list:orders"), ("staff", "list:customers")
    ]  # fmt: skip
    assert inside(lambda: db.session.scalars(select(AuditEntry.actor_id).where(AuditEntry.actor_kind == "staff"))
                  .first()) == member.user_id  # fmt: skip

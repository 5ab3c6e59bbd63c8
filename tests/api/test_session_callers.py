"""The admin door for the shop's own pages: a signed-in member of staff may call it, with the session's CSRF token."""

import pytest

from tests import factories
from tests.factories import PASSWORD
from tests.support.csrf import csrf_token

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
    assert client.get("/api/v1/customers").status_code == 200
    answer = client.delete(f"/api/v1/customers/{customer.id}", headers={"X-CSRFToken": token})
    assert (answer.status_code, answer.json["code"]) == (403, "write_not_allowed")


def test_a_wrong_key_is_not_made_good_by_a_session(client, sign_in):
    sign_in("owner")
    answer = client.get("/api/v1/customers", headers={"Authorization": "Basic Y2tfeDpjc195"})
    assert answer.status_code == 401

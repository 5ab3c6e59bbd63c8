"""API keys in the admin API: for a staff session alone, and with its password."""

from datetime import timedelta

import pytest

from shop.services import clock
from tests import factories
from tests.factories import PASSWORD
from tests.support.csrf import csrf_token

PATH = "/api/v1/api-keys"


@pytest.fixture
def signed_in(client, inside):
    """Sign an owner in, and return a function that calls the API in the session."""
    member = inside(factories.make_staff)
    fields = {"csrf_token": csrf_token(client), "email": member.email, "password": PASSWORD}
    assert client.post("/staff/sign-in", data=fields).status_code == 302
    token = csrf_token(client)

    def call(method, path=PATH, body=None, **headers):
        answer = client.open(path, method=method, json=body, headers={"X-CSRFToken": token, **headers})
        return answer.status_code, answer.json

    call.member = member
    return call


def works(client, key):
    """Return the status of a list that is read with a key."""
    answer = client.get("/api/v1/customers", auth=(key["consumer_key"], key["consumer_secret"]))
    return answer.status_code


def test_a_key_is_made_changed_replaced_and_deleted(client, signed_in):
    status, answer = signed_in("POST", body={"name": "Online store"})
    made = answer["data"]["api_key"]
    assert (status, works(client, made)) == (201, 200)
    assert (made["user_id"], made["key"]) == (signed_in.member.user_id, made["consumer_key"])
    assert (made["permissions_json"], made["rate_limit_per_minute"]) == ({"read": True, "write": True}, 60)
    assert made["expires_at"][:10] == f"{clock.real_now() + timedelta(days=365):%Y-%m-%d}"
    one = f"{PATH}/{made['id']}"
    shown = made | {"consumer_secret": None}
    assert signed_in("GET", one) == (200, {"status": "success", "data": {"api_key": shown}})
    assert signed_in("GET")[1]["data"]["api_keys"][0] == shown
    body = {"permissions_json": {"read": False}, "rate_limit_per_minute": 5, "expires_at": None}
    changed = signed_in("PUT", one, body)[1]["data"]["api_key"]
    assert (changed["name"], changed["expires_at"], changed["rate_limit_per_minute"]) == ("Online store", None, 5)
    assert (changed["permissions_json"], works(client, made)) == ({"read": False, "write": True}, 403)
    signed_in("PUT", one, {"permissions_json": {}})
    again = signed_in("POST", f"{one}/regenerate")[1]["data"]["api_key"]
    assert (works(client, made), works(client, again)) == (401, 200)
    assert signed_in("DELETE", one)[0] == 200
    assert (works(client, again), signed_in("GET", one)[0]) == (401, 404)


def test_a_request_sent_twice_makes_one_key(signed_in):
    sent = [signed_in("POST", body={"name": "Online store"}, **{"Idempotency-Key": "one"}) for _ in range(2)]
    assert sent[0] == sent[1]
    assert len(signed_in("GET")[1]["data"]["api_keys"]) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x", "rate_limit_per_minute": 0}, "rate_limit_per_minute"),
        ({"name": "x", "expires_at": "soon"}, "expires_at"),
        ({"name": "x", "permissions_json": {"read": False, "write": False}}, "permissions_json"),
    ],
)
def test_a_key_that_cannot_be_is_refused(signed_in, body, field):
    status, answer = signed_in("POST", body=body)
    assert (status, answer["errors"][0]["field"]) == (400, field)


def test_a_key_makes_no_key(api, inside):
    for method, path in (("GET", "/api-keys"), ("POST", "/api-keys")):
        answer = api.call(method, f"/api/v1{path}", json={"name": "Another"} if method == "POST" else None)
        assert (answer.status_code, answer.json["code"]) == (403, "session_required")


def test_the_password_is_asked_for_after_ten_minutes(signed_in):
    key = signed_in("POST", body={"name": "Online store"})[1]["data"]["api_key"]
    one = f"{PATH}/{key['id']}"
    with clock.moved_to(clock.now() + timedelta(minutes=11)):
        assert signed_in("GET", one)[0] == 200
        writes = (("POST", PATH), ("PUT", one), ("POST", f"{one}/regenerate"), ("DELETE", one))
        refused = [signed_in(method, path, {"name": "Other"}) for method, path in writes]
        assert [(status, answer["code"]) for status, answer in refused] == [(403, "password_required")] * 4
    assert signed_in("GET", one)[1]["data"]["api_key"]["name"] == "Online store"


def test_a_key_of_another_shop_is_not_found(app, signed_in):
    with app.app_context():
        factories.make_shop()
        foreign = factories.make_api_key().id
    for method, path in (("GET", ""), ("PUT", ""), ("POST", "/regenerate"), ("DELETE", "")):
        assert signed_in(method, f"{PATH}/{foreign}{path}", {"name": "Other"})[0] == 404

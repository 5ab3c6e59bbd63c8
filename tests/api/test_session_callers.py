"""The admin API for the shop's own pages: a signed-in staff member may call it, with the session's CSRF token."""

import re

import pytest
from sqlalchemy import select

from shop.api.permissions import PERMISSIONS, PERSONAL_LISTS, permission_of
from shop.db.session import db
from shop.domain.permissions import permissions_of
from shop.models import AuditEntry
from shop.web.pages.view_options import options_of
from tests import factories
from tests.factories import PASSWORD
from tests.support.csrf import csrf_token
from tests.support.operations import OPERATIONS

NOTE = {"content": "Rang today."}
PAGES = {
    "api_key_change": "key_save",
    "api_key_create": "key_create",
    "api_key_delete": "key_revoke",
    "api_key_regenerate": "key_regenerate",
    "category_change": "category_save",
    "category_create": "category_add",
    "category_delete": "category_remove",
    "coupon_change": "coupon_save",
    "coupon_create": "coupon_add",
    "coupon_delete": "coupon_delete",
    "coupon_validate": "order_choose",
    "customer_change": "customer_edit",
    "customer_create": "customer_create",
    "customer_delete": "customer_delete",
    "customer_import": "customer_edit",
    "customer_merge": "customer_merge_confirm",
    "customer_merge_undo": "customer_merge_undo",
    "customer_note_create": "customer_note_add",
    "customer_password_set": "customer_edit",
    "customer_upsert": "customer_edit",
    "import_apply": "import_apply",
    "import_create": "import_create",
    "import_undo": "import_undo",
    "loyalty_adjust": "customer_adjust",
    "order_batch": "order_refund",
    "order_create": "order_refund",
    "order_upsert": "order_refund",
    "order_delete": "order_cancel",
    "order_payment_status_set": "order_pay",
    "order_refund_create": "order_refund",
    "order_status_set": "order_complete",
    "product_change": "product_save",
    "product_create": "product_create",
    "product_upsert": "product_create",
    "product_delete": "product_remove",
    "product_image_create": "product_image_add",
    "product_image_delete": "product_image_save",
    "product_image_order": "product_image_save",
    "product_set": "product_save",
    "product_stock_adjust": "product_stock_change",
    "product_stock_transfer": "product_stock_transfer",
    "registration_approve": "registration_approve",
    "registration_decide": "registration_approve",
    "registration_reject": "registration_reject",
    "setting_set": "store_save",
    "sandbox_clock_move": "sandbox_move",
    "sandbox_reset": "sandbox_reset",
    "shipping_method_change": "delivery_method_save",
    "shipping_method_create": "delivery_method_add",
    "shipping_method_delete": "delivery_method_delete",
    "till_sale_batch": "order_pay",
    "till_sale_create": "order_pay",
    "webhook_delivery_resend": "webhook_delivery_resend",
    "webhook_endpoint_change": "webhook_save",
    "webhook_endpoint_create": "webhook_add",
    "webhook_endpoint_delete": "webhook_delete",
    "webhook_replay": "webhook_replay",
    "webhook_secret_rotate": "webhook_rotate",
    "webhook_test": "webhook_send_test",
}
"""The staff page that does what a write of the API does, or the nearest one; a new write fails until it is here."""


@pytest.fixture
def sign_in(client, inside):
    """Sign a staff member in, and return the CSRF token of the session."""

    def signed(role="clerk", permissions=None):
        member = inside(factories.make_staff, role=role, permissions=permissions)
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


def test_a_clerk_does_by_the_api_what_the_pages_allow(client, inside, sign_in):
    customer = inside(factories.make_customer)
    order = inside(factories.make_order, customer)
    _, token = sign_in("clerk")

    def ask(method, path, body=None):
        answer = client.open(f"/api/v1{path}", method=method, json=body, headers={"X-CSRFToken": token})
        return answer.status_code, answer.json.get("code")

    assert ask("GET", f"/customers/{customer.id}")[0] == 200
    assert ask("POST", f"/customers/{customer.id}/notes", NOTE)[0] == 201
    assert ask("POST", "/customers", {"email": "new@example.com"})[0] == 201
    assert ask("PATCH", f"/orders/{order.id}/payment-status", {"payment_status": "paid"})[0] == 200
    assert ask("PATCH", f"/orders/{order.id}/status", {"status": "completed"})[0] == 200
    adjust = {"customer_id": customer.id, "note": "Goodwill"}
    assert ask("POST", "/marketing/loyalty/adjust", adjust | {"points": 10})[0] == 200
    assert ask("POST", "/marketing/loyalty/adjust", adjust | {"points": 100_000}) == (403, "daily_limit_reached")
    for method, path, body in (
        ("DELETE", f"/customers/{customer.id}", None),
        ("POST", "/customers", {"email": "other@example.com", "password": "maziwa-na-chai-9"}),
        ("PATCH", f"/orders/{order.id}/payment-status", {"payment_status": "refunded"}),
        ("PATCH", f"/orders/{order.id}/status", {"status": "cancelled"}),
        ("POST", f"/orders/{order.id}/refunds", {"reason": "returned"}),
    ):
        assert ask(method, path, body) == (403, "role"), path


def test_an_own_role_reads_and_writes_what_it_may(client, inside, sign_in):
    customer = inside(factories.make_customer)
    _, token = sign_in(permissions=["notes.write"])
    headers = {"X-CSRFToken": token}
    assert client.post(f"/api/v1/customers/{customer.id}/notes", json=NOTE, headers=headers).status_code == 201
    for answer in (
        client.delete(f"/api/v1/customers/{customer.id}", headers=headers),
        client.get("/api/v1/customers"),
        client.post("/api/v1/products", json={"name": "Milk", "price": 1}, headers=headers),
    ):
        assert (answer.status_code, answer.json["code"]) == (403, "role")


def test_a_wrong_key_is_not_made_good_by_a_session(client, sign_in):
    sign_in("owner")
    answer = client.get("/api/v1/customers", headers={"Authorization": "Basic Y2tfeDpjc195"})
    assert answer.status_code == 401


def write_routes(app):
    """Return every write of the admin API: method, view and a path with unknown ids."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("api.")]
    writes = ((method, rule) for rule in rules for method in sorted(rule.methods - {"GET", "HEAD", "OPTIONS"}))
    return [
        (method, rule.endpoint.partition(".")[2], re.sub(r"<[^>]+>", "999999999", rule.rule)) for method, rule in writes
    ]


def test_every_write_needs_what_its_page_needs(app):
    assert {view for _method, view, _path in write_routes(app)} == PAGES.keys()
    for view, page in PAGES.items():
        needed = options_of(app.view_functions[f"staff.{page}"]).permissions
        assert needed == (permission_of(view),), (view, page)


@pytest.mark.parametrize("role", ["clerk", "manager", "owner"])
def test_every_write_is_open_to_the_roles_whose_page_it_is(app, client, sign_in, role, subtests):
    _, token = sign_in(role)
    for method, view, path in write_routes(app):
        with subtests.test(f"{method} {path}"):
            answer = client.open(path, method=method, json={}, headers={"X-CSRFToken": token})
            is_refused = (answer.status_code, answer.json["code"]) == (403, "role")
            assert is_refused != (permission_of(view) in permissions_of(role)), answer.text
            assert answer.status_code != 403 or is_refused or answer.json["code"] == "live_shop"


def test_every_operation_names_its_permission(app):
    views = {rule.endpoint.partition(".")[2] for rule in app.url_map.iter_rules() if rule.endpoint.startswith("api.")}
    assert views == PERMISSIONS.keys()
    assert PERSONAL_LISTS.keys() <= views


@pytest.mark.parametrize("role", ["clerk", "manager", "owner"])
def test_a_session_reads_by_the_api_what_its_role_may_take_home(client, inside, sign_in, sample, role, subtests):
    sign_in(role)
    for operation in OPERATIONS:
        if operation.admin and operation.method == "GET":
            with subtests.test(str(operation)):
                view = client.application.url_map.bind("").match(operation.url(sample).partition("?")[0])[0]
                allowed = permission_of(view.partition(".")[2]) in permissions_of(role)
                expected = 200 if operation.session_only else operation.status
                assert client.get(operation.url(sample)).status_code == (expected if allowed else 403)
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

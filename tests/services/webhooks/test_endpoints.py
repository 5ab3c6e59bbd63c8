"""Endpoints: added, changed, rotated, deleted."""

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import AuditEntry, WebhookDelivery, WebhookEndpoint
from shop.services.errors import InvalidInput, NotFound
from shop.services.webhooks import endpoints
from shop.services.webhooks.credentials import WebhookKeysLost, current_secret, rotate_webhook_key
from shop.services.webhooks.deliveries import send_test
from shop.services.webhooks.endpoints import (
    create_endpoint,
    delete_endpoint,
    get_endpoint,
    list_endpoints,
    rotate_secret,
    update_endpoint,
)
from tests import factories

TESTER = factories.TESTER
URL = "http://127.0.0.1:9/hook"


def audit(endpoint_id):
    rows = select(AuditEntry.action).where(AuditEntry.subject == f"webhook:{endpoint_id}").order_by(AuditEntry.id)
    return list(db.session.scalars(rows))


def test_an_endpoint_is_added_and_its_secret_stored_encrypted(ctx):
    endpoint, secret = create_endpoint(
        f" {URL} ", ["points.*", "order.paid", "points.*"], TESTER, description=" Books "
    )
    assert (endpoint.url, endpoint.types, endpoint.description) == (URL, ["points.*", "order.paid"], "Books")
    assert secret.startswith("whsec_")
    assert secret not in endpoint.ciphertext
    assert current_secret(endpoint) == secret
    assert [one.id for one in list_endpoints()] == [endpoint.id]
    assert audit(endpoint.id) == ["webhook.created"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"url": "gopher://x"}, "url"),
        ({"types": []}, "types"),
        ({"types": ["order.*", "order.eaten"]}, "types"),
        ({"types": ["nothing.*"]}, "types"),
        ({"signature": "v2"}, "signature"),
    ],
)
def test_wrong_fields_are_named(ctx, changes, field):
    given = {"url": URL, "types": ["*"]} | changes
    with pytest.raises(InvalidInput) as refused:
        create_endpoint(given.pop("url"), given.pop("types"), TESTER, **given)
    assert [error.field for error in refused.value.errors] == [field]


def test_a_shop_has_a_limited_number(ctx, monkeypatch):
    monkeypatch.setattr(endpoints, "MAX_ENDPOINTS", 1)
    create_endpoint(URL, ["*"], TESTER)
    with pytest.raises(InvalidInput, match="at most 1"):
        create_endpoint(URL, ["*"], TESTER)


def test_a_change_is_on_record_and_an_empty_one_is_not(ctx):
    endpoint, _ = create_endpoint(URL, ["*"], TESTER)
    update_endpoint(endpoint.id, {"types": ["order.*"], "description": "Till"}, TESTER)
    update_endpoint(endpoint.id, {"types": ["order.*"]}, TESTER)
    assert get_endpoint(endpoint.id).types == ["order.*"]
    assert audit(endpoint.id) == ["webhook.created", "webhook.changed"]
    with pytest.raises(NotFound):
        update_endpoint(0, {}, TESTER)


def test_disabling_fails_what_waits_and_enabling_starts_from_now(ctx, work):
    endpoint, _ = create_endpoint(URL, ["*"], TESTER)
    waiting = send_test(endpoint.id, "order.paid", TESTER)
    update_endpoint(endpoint.id, {"enabled": False}, TESTER)
    factories.make_customer()
    update_endpoint(endpoint.id, {"enabled": True}, TESTER)
    work()
    rows = db.session.scalars(select(WebhookDelivery)).all()
    assert [(row.id, row.status) for row in rows] == [(waiting.id, "failed")]


def test_deleting_takes_the_deliveries_along(ctx):
    endpoint, _ = create_endpoint(URL, ["*"], TESTER)
    send_test(endpoint.id, "order.paid", TESTER)
    delete_endpoint(endpoint.id, TESTER)
    assert list_endpoints() == []
    assert db.session.scalars(select(WebhookDelivery)).all() == []
    with pytest.raises(NotFound):
        get_endpoint(endpoint.id)


def test_a_key_rotation_keeps_the_secrets(private_app):
    app = private_app
    with app.app_context():
        factories.make_shop()
        endpoint, secret = create_endpoint(URL, ["*"], TESTER)
        keys = ["n" * 32, *app.config["PAYMENT_KEYS"]]
        before = endpoint.ciphertext
        assert rotate_webhook_key(keys) == 1
        assert get_endpoint(endpoint.id).ciphertext != before
        app.config["PAYMENT_KEYS"] = ["n" * 32]
        assert current_secret(get_endpoint(endpoint.id)) == secret
        app.config["PAYMENT_KEYS"] = ["x" * 32]
        with pytest.raises(WebhookKeysLost):
            current_secret(get_endpoint(endpoint.id))
        assert rotate_secret(endpoint.id, TESTER)[1] == current_secret(get_endpoint(endpoint.id))


def test_a_ciphertext_of_another_shop_is_not_read(private_app):
    with private_app.app_context():
        factories.make_shop()
        foreign, _ = create_endpoint(URL, ["*"], TESTER)
        ciphertext = foreign.ciphertext
        factories.make_shop()
        own, _ = create_endpoint(URL, ["*"], TESTER)
        with transaction() as session:
            session.get(WebhookEndpoint, own.id).ciphertext = ciphertext
        with pytest.raises(WebhookKeysLost):
            current_secret(get_endpoint(own.id))

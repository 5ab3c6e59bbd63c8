"""The secrets of webhook endpoints, stored encrypted: the current one, and for a day the one before."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import all_tenants, current_shop_id, in_shop
from shop.db.transaction import transaction
from shop.domain.webhooks import OLD_SECRET_FOR
from shop.models import WebhookEndpoint
from shop.services import encryption
from shop.services.app_config import app_config
from shop.services.errors import Conflict

PURPOSE: Final = b"tuza webhook secrets v1"


class WebhookKeysLost(Conflict):
    """No key of the installation decrypts the secret of an endpoint."""

    code = "webhook_keys_lost"


def encrypt_secrets(new: str, old: str = "") -> str:
    """Return the ciphertext of a secret of the session's shop and of the one before it."""
    return _encrypt({"new": new, "old": old}, current_shop_id(), app_config()["PAYMENT_KEYS"])


def current_secret(endpoint: WebhookEndpoint) -> str:
    """Return the secret that signs. Raise WebhookKeysLost."""
    return _decrypt(endpoint, app_config()["PAYMENT_KEYS"])["new"]


def signing_secrets(endpoint: WebhookEndpoint, now: datetime) -> list[str]:
    """Return the secrets that sign: the current one, and for 24 hours the one before. Raise WebhookKeysLost."""
    found = _decrypt(endpoint, app_config()["PAYMENT_KEYS"])
    is_recent = endpoint.rotated_at is not None and now - endpoint.rotated_at < OLD_SECRET_FOR
    return [found["new"], *([found["old"]] if is_recent and found["old"] else [])]


def rotate_webhook_key(keys: Sequence[str]) -> int:
    """Encrypt the secrets of all shops with the newest key; return how many. On WebhookKeysLost nothing is changed."""
    with transaction() as session:
        with all_tenants():
            rows = list(db.session.scalars(select(WebhookEndpoint).order_by(WebhookEndpoint.id).with_for_update()))
        for row in rows:
            with in_shop(row.shop_id):
                row.ciphertext = _encrypt(_decrypt(row, keys), row.shop_id, keys)
                session.flush()
    return len(rows)


def _encrypt(values: dict[str, str], shop_id: int, keys: Sequence[str]) -> str:
    return encryption.encrypt(values, keys, purpose=PURPOSE, place=str(shop_id))


def _decrypt(endpoint: WebhookEndpoint, keys: Sequence[str]) -> dict[str, str]:
    found = encryption.decrypt(endpoint.ciphertext, keys, purpose=PURPOSE, place=str(endpoint.shop_id))
    if found is None:
        raise WebhookKeysLost("The webhook's secret cannot be read with the keys of this installation; rotate it.")
    return found

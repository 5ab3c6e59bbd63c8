"""Callbacks of payment providers."""

from collections.abc import Mapping
from typing import Any

from shop.db.tenant import use_shop
from shop.services.errors import NotFound
from shop.services.payments.attempts import find_by_token
from shop.services.payments.providers.registry import provider_of
from shop.services.payments.settlement import settle


def handle_callback(token: str, body: Mapping[str, Any]) -> str | None:
    """Process a callback of an attempt. Return its outcome; None if it settles nothing.

    Sets the session's shop to the attempt's. Raises NotFound if no attempt has the URL, InvalidInput for an unexpected
    body.
    """
    attempt = find_by_token(token)
    if attempt is None:
        raise NotFound("There is nothing at this address.", code="callback_not_found")
    attempt_id, order_id, provider = attempt.id, attempt.order_id, provider_of(attempt.method_code)
    use_shop(attempt.shop_id)
    result = provider.callback(body)
    return None if result.outcome == "open" else settle(attempt_id, order_id, result, "callback")

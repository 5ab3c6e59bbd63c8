"""Callbacks of payment providers."""

from collections.abc import Mapping
from typing import Any

from shop.db.tenant import use_shop
from shop.services.errors import NotFound
from shop.services.payments.attempts import find_by_token
from shop.services.payments.providers.registry import provider_of
from shop.services.payments.settlement import settle


def handle_callback(token: str, body: Mapping[str, Any]) -> str | None:
    """Act on a callback at the address of an attempt. Return its outcome, None if it settles nothing.

    From here on the session works for the attempt's shop. Raises NotFound for an address that belongs to no attempt,
    InvalidInput for a body that is no callback.
    """
    attempt = find_by_token(token)
    if attempt is None:
        raise NotFound("There is nothing at this address.", code="callback_not_found")
    attempt_id, order_id, provider = attempt.id, attempt.order_id, provider_of(attempt.method_code)
    use_shop(attempt.shop_id)
    result = provider.callback(body)
    return None if result.outcome == "open" else settle(attempt_id, order_id, result, "callback")

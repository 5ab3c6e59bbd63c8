"""Ask providers for the balances of the shops' accounts once an hour."""

import threading
from collections.abc import Mapping
from typing import Any

from shop.services.messaging.balances import refresh_balances
from shop.worker.registry import job


@job("message_balances", interval=300)
def run_message_balances(config: Mapping[str, Any], stop: threading.Event) -> int:
    """Refresh the balances that are older than an hour."""
    return refresh_balances(config, stop.is_set)

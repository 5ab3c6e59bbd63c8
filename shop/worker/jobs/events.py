"""Number the events of all shops."""

import threading
from collections.abc import Mapping
from typing import Any

from shop.services.events.numbering import number_all
from shop.worker.registry import job


@job("events")
def number_events(_config: Mapping[str, Any], _stop: threading.Event) -> int:
    """Number a batch of each shop's events; return how many."""
    return number_all()

"""Delete what is older than its retention period, in all shops."""

import logging
import threading
from collections.abc import Mapping
from typing import Any

from shop.services.privacy.retention import apply_retention
from shop.worker.registry import job

log = logging.getLogger("tuza.worker")


@job("retention", interval=3600)
def retention(_config: Mapping[str, Any], _stop: threading.Event) -> int:
    """Apply the retention periods; return how much was deleted."""
    removed = {name: count for name, count in apply_retention().items() if count}
    if removed:
        log.info("data past its retention period was deleted", extra={"fields": removed})
    return sum(removed.values())

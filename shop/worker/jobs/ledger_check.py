"""Verify each shop's ledger once a day."""

import threading
from collections.abc import Mapping
from typing import Any

from shop.services.loyalty.nightly_check import run_due_checks
from shop.worker.registry import job


@job("ledger-check", interval=60)
def check_ledgers(_config: Mapping[str, Any], stop: threading.Event) -> int:
    """Verify the ledgers whose check is due; return how many. Raises ShutdownRequested when ``stop`` is set."""
    return run_due_checks(stop)

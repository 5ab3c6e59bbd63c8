"""Reconcile pending payments with the provider, and cancel orders that were not paid in time."""

import threading
from collections.abc import Mapping
from typing import Any

from shop.services.payments.config import PaymentConfig
from shop.services.payments.reconciliation import poll_pending
from shop.worker.registry import job


@job("payments")
def reconcile_payments(config: Mapping[str, Any], _stop: threading.Event) -> int:
    """Query pending payment attempts; return how many were queried and how many orders were cancelled."""
    return poll_pending(PaymentConfig.of(config))

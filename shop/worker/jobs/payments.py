"""Reconcile pending payments, cancel orders not paid in time, match received payments, ask for missing ones."""

import threading
from collections.abc import Mapping
from typing import Any

from shop.services.payment_matching.matching import match_waiting
from shop.services.payments.config import PaymentConfig
from shop.services.payments.reconciliation import poll_pending
from shop.services.provider_requests.status import query_missing
from shop.worker.registry import job


@job("payments")
def reconcile_payments(config: Mapping[str, Any], _stop: threading.Event) -> int:
    """Query pending payment attempts; return how many were queried and how many orders were cancelled."""
    return poll_pending(PaymentConfig.of(config))


@job("received-payments", interval=15)
def match_payments(_config: Mapping[str, Any], _stop: threading.Event) -> int:
    """Match payments that were stored and not matched yet; return how many changed."""
    return match_waiting()


@job("missing-payments", interval=60)
def ask_for_missing(config: Mapping[str, Any], _stop: threading.Event) -> int:
    """Ask M-Pesa for receipts that it has not confirmed and for results that did not come; return how many."""
    return query_missing(PaymentConfig.of(config))

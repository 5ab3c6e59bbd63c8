"""Compact the stored customer counts."""

import threading
from collections.abc import Mapping
from typing import Any

from shop.db.tenant import all_tenants
from shop.db.transaction import transaction
from shop.queries.customers.counts import COMPACTED_AT_ONCE, compact_buckets
from shop.worker.registry import job


@job("customer-counts", interval=60)
def compact_counts(_config: Mapping[str, Any], stop: threading.Event) -> int:
    """Merge the buckets of the customer counts in all shops; return how many rows were removed."""
    total, merged = 0, COMPACTED_AT_ONCE
    while merged > COMPACTED_AT_ONCE // 2 and not stop.is_set():
        with all_tenants(), transaction():
            merged = compact_buckets()
        total += merged
    return total

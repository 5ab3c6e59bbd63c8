"""Bulk changes of orders, each order in its own transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from shop.services.actors import Actor
from shop.services.errors import Conflict, NotFound
from shop.services.orders.lifecycle import complete_order

AT_ONCE = 500
"""Orders that one request may change."""


@dataclass(frozen=True, slots=True)
class BulkResult:
    """How many orders were changed, were unchanged, and were refused."""

    changed: int = 0
    unchanged: int = 0
    refused: int = 0


def complete_orders(order_ids: Sequence[int], actor: Actor) -> BulkResult:
    """Mark orders done. Cancelled ones are refused; the others are still processed."""
    changed = unchanged = refused = 0
    for order_id in order_ids:
        try:
            if complete_order(order_id, actor):
                changed += 1
            else:
                unchanged += 1
        except (Conflict, NotFound):
            refused += 1
    return BulkResult(changed, unchanged, refused)

"""Delete expired rows in all shops."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

from shop.db.tenant import all_tenants
from shop.db.transaction import transaction
from shop.db.upsert import PURGED_AT_ONCE
from shop.services.bulk.actions import purge_bulk
from shop.services.bulk.product_actions import purge_product_bulk
from shop.services.checkout.sessions import purge_checkouts
from shop.services.customers.uploads import purge_pictures
from shop.services.events.feed import purge_events
from shop.services.idempotency import purge_records
from shop.services.imports.purging import purge_imports
from shop.services.loyalty.otp import purge_challenges
from shop.services.merging.undo import forget_merges
from shop.services.messaging.deliveries import purge_message_deliveries, purge_reports
from shop.services.outbox import purge_messages
from shop.services.rate_limits import purge_windows
from shop.services.shoppers.abandoned_carts import purge_abandoned_carts
from shop.services.shoppers.accounts import purge_signups
from shop.services.shoppers.links import purge_links
from shop.services.shoppers.sessions import purge_sessions
from shop.services.staff.links import purge_staff_links
from shop.services.staff.sessions import purge_staff_sessions
from shop.services.webhooks.deliveries import purge_deliveries
from shop.worker.registry import job

PURGES: tuple[Callable[[], int], ...] = (
    purge_records,
    purge_windows,
    purge_challenges,
    purge_messages,
    purge_message_deliveries,
    purge_reports,
    purge_checkouts,
    purge_links,
    purge_staff_links,
    purge_staff_sessions,
    purge_sessions,
    purge_signups,
    forget_merges,
    purge_pictures,
    purge_abandoned_carts,
    purge_bulk,
    purge_product_bulk,
    purge_imports,
    purge_deliveries,
    purge_events,
)


@job("purges", interval=60)
def run_purges(_config: Mapping[str, Any], stop: threading.Event) -> int:
    """Run all purges, each batch in its own short transaction, until ``stop`` is set."""
    return purge_all(stop.is_set)


def purge_all(is_stopped: Callable[[], bool] = lambda: False) -> int:
    """Delete expired rows in all shops and return how many. Needs an application context."""
    total = 0
    for purge in PURGES:
        deleted = PURGED_AT_ONCE
        while deleted == PURGED_AT_ONCE and not is_stopped():
            with all_tenants(), transaction():
                deleted = purge()
            total += deleted
    return total

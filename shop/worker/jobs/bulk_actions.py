"""Execute bulk actions on customers in batches."""

import threading
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import all_tenants, in_shop
from shop.db.transaction import transaction
from shop.domain.customers.bulk import BulkOutcome, BulkState
from shop.models import BulkAction
from shop.queries.customers.list import matching_after
from shop.queries.customers.selection import unpack_filters
from shop.services.bulk.actions import finish
from shop.services.bulk.steps import apply_to
from shop.services.errors import ShopError
from shop.worker.registry import job

BATCH: Final = 100
REASONS: Final = 50
"""Refusals that are stored with their reason."""
OPEN: Final = (BulkState.WAITING, BulkState.RUNNING)


@job("bulk-actions")
def run_bulk_actions(_config: Mapping[str, Any], stop: threading.Event) -> int:
    """Process a batch of each open action of all shops; return how many customers were processed."""
    with all_tenants():
        row = BulkAction
        found = db.session.execute(select(row.id, row.shop_id).where(row.state.in_(OPEN)).order_by(row.id)).all()
        db.session.rollback()
    done, failed = 0, None
    for action_id, shop_id in found:
        if stop.is_set():
            break
        with in_shop(shop_id):
            try:
                done += run_batch(action_id)
            except Exception as error:  # the other actions continue; the loop logs this error and retries
                db.session.rollback()
                failed = error
    if failed is not None:
        raise failed
    return done


def run_batch(action_id: int) -> int:
    """Process the next customers of an action in one transaction; return how many, 0 if another worker has it."""
    with transaction() as session:
        row = select(BulkAction).where(BulkAction.id == action_id, BulkAction.state.in_(OPEN))
        action = session.scalars(row.with_for_update(skip_locked=True)).first()
        if action is None:
            return 0
        ids = matching_after(unpack_filters(action.selection), action.last_id, BATCH)
        for customer_id in ids:
            _do_one(action, customer_id)
        action.state = BulkState.RUNNING
        if len(ids) < BATCH:
            finish(action, BulkState.DONE)
    return len(ids)


def _do_one(action: BulkAction, customer_id: int) -> None:
    try:
        with db.session.begin_nested():
            outcome = apply_to(customer_id, action)
    except ShopError as refused:
        outcome = BulkOutcome.REFUSED
        if len(action.reasons) < REASONS:
            action.reasons = [*action.reasons, [customer_id, str(refused.message)]]
    setattr(action, outcome, getattr(action, outcome) + 1)
    action.done += 1
    action.last_id = customer_id

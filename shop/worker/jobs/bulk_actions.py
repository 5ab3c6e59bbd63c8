"""Execute bulk actions on customers and products in batches."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import all_tenants, in_shop
from shop.db.transaction import transaction
from shop.domain.customers.bulk import BulkOutcome, BulkState
from shop.models import BulkAction, ProductBulkAction
from shop.queries.catalogue import bulk as products
from shop.queries.customers import list as customers
from shop.queries.customers import selection
from shop.services.bulk.actions import finish
from shop.services.bulk.product_actions import change_product
from shop.services.bulk.steps import apply_to
from shop.services.errors import ShopError
from shop.worker.registry import job

BATCH: Final = 100
REASONS: Final = 50
"""Refusals that are stored with their reason."""
OPEN: Final = (BulkState.WAITING, BulkState.RUNNING)


@dataclass(frozen=True, slots=True)
class BulkWork:
    """The work of a table's actions: the next rows of a selection, and the step for one of them."""

    model: Any
    matching_after: Callable[[Mapping[str, Any], int, int], list[int]]
    """The ids of a selection past an id, up to a number."""
    apply: Callable[[int, Any], BulkOutcome]


CUSTOMERS: Final = BulkWork(
    BulkAction,
    lambda kept, last_id, limit: customers.matching_after(selection.unpack_filters(kept), last_id, limit),
    apply_to,
)
PRODUCTS: Final = BulkWork(
    ProductBulkAction,
    lambda kept, last_id, limit: products.matching_after(products.unpack_filters(kept), last_id, limit),
    change_product,
)


@job("bulk-actions")
def run_bulk_actions(_config: Mapping[str, Any], stop: threading.Event) -> int:
    """Process a batch of each open action of all shops; return how many rows were processed."""
    done, failed = 0, None
    for work in (CUSTOMERS, PRODUCTS):
        for action_id, shop_id in _find_open(work.model):
            if stop.is_set():
                break
            with in_shop(shop_id):
                try:
                    done += run_batch(action_id, work)
                except Exception as error:  # the other actions continue; the loop logs this error and retries
                    db.session.rollback()
                    failed = error
    if failed is not None:
        raise failed
    return done


def _find_open(model: Any) -> list[tuple[int, int]]:
    with all_tenants():
        found = db.session.execute(select(model.id, model.shop_id).where(model.state.in_(OPEN)).order_by(model.id))
        rows = [(action_id, shop_id) for action_id, shop_id in found]
        db.session.rollback()
    return rows


def run_batch(action_id: int, work: BulkWork = CUSTOMERS) -> int:
    """Process the next rows of an action in one transaction; return how many, 0 if another worker has it."""
    with transaction() as session:
        row = select(work.model).where(work.model.id == action_id, work.model.state.in_(OPEN))
        action = session.scalars(row.with_for_update(skip_locked=True)).first()
        if action is None:
            return 0
        limit = _limit(action)
        ids = work.matching_after(action.selection, action.last_id, limit) if limit else []
        for row_id in ids:
            _do_one(work, action, row_id)
        action.state = BulkState.RUNNING
        if len(ids) < BATCH or _limit(action) == 0:
            finish(action, BulkState.DONE)
    return len(ids)


def _limit(action: Any) -> int:
    """Return the size of the next batch: an approved action ends with as many rows as it was approved for."""
    return min(BATCH, action.total - action.done) if action.params.get("approved") else BATCH


def _do_one(work: BulkWork, action: Any, row_id: int) -> None:
    try:
        with db.session.begin_nested():
            outcome = work.apply(row_id, action)
    except ShopError as refused:
        outcome = BulkOutcome.REFUSED
        if len(action.reasons) < REASONS:
            action.reasons = [*action.reasons, [row_id, str(refused.message)]]
    setattr(action, outcome, getattr(action, outcome) + 1)
    action.done += 1
    action.last_id = row_id

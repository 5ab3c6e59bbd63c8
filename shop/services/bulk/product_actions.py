"""Changes of the prices or the stock of many products: recorded when staff confirm them, done by the worker."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.db.upsert import purge_batch
from shop.domain.catalogue.bulk import MAX_PERCENT, ROUNDINGS, NumberChange, ProductBulkKind
from shop.domain.customers.bulk import BulkOutcome, BulkState
from shop.domain.money import smallest_amount
from shop.domain.statuses import MovementKind
from shop.models import Product, ProductBulkAction, Variant
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.bulk.actions import KEPT, finish
from shop.services.catalogue.adjustments import set_stock
from shop.services.catalogue.events import record_product, show_product
from shop.services.catalogue.products.records import lock_product
from shop.services.errors import InvalidInput, NotFound
from shop.services.events.recording import PendingEvent
from shop.services.shops.amounts import check_amounts
from shop.services.shops.settings import get_settings
from shop.services.text_lengths import read_line

LONGEST_REASON = 200


def start_product_bulk(
    change: NumberChange, reason: str, selection: Mapping[str, Any], total: int, actor: Actor
) -> int:
    """Record a change of the ``total`` products of a selection, for the worker; return its id.

    Raise InvalidInput for an amount out of range, and for an empty selection.
    """
    limit = MAX_PERCENT if change.way.is_percentage else change.most
    if not 0 <= change.amount <= limit or change.round_to not in ROUNDINGS:
        raise InvalidInput.of("amount", "must be from 0 to %(limit)s", limit=f"{limit:,}")
    if change.kind == ProductBulkKind.PRICE and not change.way.is_percentage:
        check_amounts(get_settings().currency, {"amount": change.amount})
    if total < 1:
        raise InvalidInput("No products are selected.")
    with transaction() as session:
        action = ProductBulkAction(
            kind=change.kind,
            params=change.to_json() | {"reason": read_line("reason", reason, LONGEST_REASON)},
            selection=dict(selection),
            total=total,
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_label=actor.label,
            created_at=clock.now(),
        )
        session.add(action)
        session.flush()
        audit_log.record(actor, f"products.{change.kind}", f"product_bulk:{action.id}", new=str(total))
        return action.id


def get_product_bulk(action_id: int) -> ProductBulkAction:
    """Return a change of many products. Raise NotFound."""
    found = db.session.scalars(select(ProductBulkAction).where(ProductBulkAction.id == action_id)).first()
    if found is None:
        raise NotFound("There is no such action.", code="bulk_action_not_found")
    return found


def list_product_bulk(limit: int = 20) -> Sequence[ProductBulkAction]:
    """Return the shop's newest changes of many products."""
    row = ProductBulkAction
    return db.session.scalars(select(row).order_by(row.id.desc()).limit(limit)).all()


def stop_product_bulk(action_id: int, actor: Actor) -> None:
    """Do no more of a change; what was done stays. Raise NotFound."""
    with transaction() as session:
        row = select(ProductBulkAction).where(ProductBulkAction.id == action_id).with_for_update()
        action = session.scalars(row, execution_options={"populate_existing": True}).first()
        if action is None:
            raise NotFound("There is no such action.", code="bulk_action_not_found")
        if action.state in (BulkState.WAITING, BulkState.RUNNING):
            finish(action, BulkState.STOPPED)
            audit_log.record(actor, "products.bulk_stopped", f"product_bulk:{action_id}", new=str(action.done))


def purge_product_bulk() -> int:
    """Delete changes of the session's shops that ended 30 days ago or more; return how many."""
    return purge_batch(ProductBulkAction, ProductBulkAction.finished_at < clock.now() - KEPT)


def change_product(product_id: int, action: ProductBulkAction) -> BulkOutcome:
    """Do a change's part for one product and its variants, in the worker's transaction.

    Raise ShopError if one of the values would be out of range; the whole product is left as it was then.
    """
    actor = Actor(action.actor_kind, action.actor_id, action.actor_label)  # type: ignore[arg-type]
    change = NumberChange.from_json(action.kind, action.params)
    if change.kind == ProductBulkKind.PRICE:
        change = replace(change, round_to=max(change.round_to, smallest_amount(get_settings().currency)))
    product = lock_product(product_id)
    variants = _lock_variants(product_id)
    is_price = change.kind == ProductBulkKind.PRICE
    articles: list[Product | Variant] = [*variants] or [product]
    values = [one.price_cents if is_price else one.stock_quantity for one in articles]
    outcome = change.outcome(values)
    if outcome == BulkOutcome.REFUSED:
        raise InvalidInput.of("amount", "would bring a value below 0 or above the limit", code="out_of_range")
    if outcome == BulkOutcome.CHANGED:
        recorded = record_product(product_id, actor, show_product(product_id))
        (_set_prices if is_price else _set_stocks)(product, articles, change, action.params["reason"], recorded)
        product.updated_at = clock.now()
        db.session.flush()
    return outcome


def _lock_variants(product_id: int) -> list[Variant]:
    current = select(Variant).where(Variant.product_id == product_id, Variant.is_archived.is_(False))
    statement = current.order_by(Variant.id).with_for_update()
    return list(db.session.scalars(statement, execution_options={"populate_existing": True}))


def _set_prices(
    product: Product, articles: Sequence[Product | Variant], change: NumberChange, _reason: str, recorded: PendingEvent
) -> None:
    """Change the prices; that of a product with variants, too, as long as it stays in range."""
    before = product.price_cents
    for article in {id(one): one for one in (product, *articles)}.values():
        after = change.after(article.price_cents)
        if after is not None and 0 <= after <= change.most:
            article.price_cents = after
    recorded.audit("product.price", old=str(before), new=str(product.price_cents))


def _set_stocks(
    _product: Product, articles: Sequence[Product | Variant], change: NumberChange, reason: str, recorded: PendingEvent
) -> None:
    for article in articles:
        set_stock(article, change.after(article.stock_quantity), MovementKind.ADJUSTMENT, recorded.actor, reason=reason)

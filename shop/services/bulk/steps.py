"""One customer's step of a bulk action, in the worker's transaction."""

from collections.abc import Callable
from typing import Any

from shop.domain.customers.bulk import BulkKind, BulkOutcome
from shop.models import BulkAction
from shop.services.actors import Actor
from shop.services.customers.message_routes import enqueue_to_customer
from shop.services.customers.records import lock_customer, update_customer
from shop.services.loyalty.adjustments import adjust_points
from shop.services.privacy.consents import list_marketing_channels


def apply_to(customer_id: int, action: BulkAction) -> BulkOutcome:
    """Apply an action to one customer, as the staff member who started it. Raise ShopError if it is refused."""
    actor = Actor(action.actor_kind, action.actor_id, action.actor_label)  # type: ignore[arg-type]
    return _STEPS[BulkKind(action.kind)](customer_id, action.params, actor, action.id)


def _add_tag(customer_id: int, params: dict[str, Any], actor: Actor, _action_id: int) -> BulkOutcome:
    tags = lock_customer(customer_id).tags
    if params["tag"].casefold() in {tag.casefold() for tag in tags}:
        return BulkOutcome.SKIPPED
    update_customer(customer_id, actor, tags=[*tags, params["tag"]])
    return BulkOutcome.CHANGED


def _remove_tag(customer_id: int, params: dict[str, Any], actor: Actor, _action_id: int) -> BulkOutcome:
    tags = lock_customer(customer_id).tags
    left = [tag for tag in tags if tag.casefold() != params["tag"].casefold()]
    if left == tags:
        return BulkOutcome.SKIPPED
    update_customer(customer_id, actor, tags=left)
    return BulkOutcome.CHANGED


def _adjust(customer_id: int, params: dict[str, Any], actor: Actor, action_id: int) -> BulkOutcome:
    key = f"bulk:{action_id}:{customer_id}"
    approved = params.get("approved", False)
    adjust_points(
        customer_id, params["points"], params["note"], actor, request_key=key, tell=params["tell"], approved=approved
    )
    return BulkOutcome.CHANGED


def _message(customer_id: int, _params: dict[str, Any], _actor: Actor, action_id: int) -> BulkOutcome:
    customer, payload = lock_customer(customer_id), {"customer_id": customer_id, "bulk_id": action_id}
    is_sent = enqueue_to_customer("customer_message", payload, customer, allowed=list_marketing_channels(customer_id))
    return BulkOutcome.CHANGED if is_sent else BulkOutcome.SKIPPED


_STEPS: dict[BulkKind, Callable[[int, dict[str, Any], Actor, int], BulkOutcome]] = {
    BulkKind.ADD_TAG: _add_tag,
    BulkKind.REMOVE_TAG: _remove_tag,
    BulkKind.ADJUST: _adjust,
    BulkKind.MESSAGE: _message,
}

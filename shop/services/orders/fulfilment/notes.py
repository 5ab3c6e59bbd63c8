"""Notes on an order: internal, or sent to the customer and shown on the status page."""

from shop.db.transaction import transaction
from shop.services import clock
from shop.services.actors import Actor
from shop.services.customers.message_routes import enqueue_to_customer
from shop.services.errors import InvalidInput
from shop.services.orders.pricing.lines import write_note
from shop.services.orders.repository import lock_order

LONGEST = 2000


def add_order_note(order_id: int, content: str, actor: Actor, *, is_shared: bool) -> bool:
    """Add a note to an order; return whether it was sent to the customer.

    Raises NotFound, InvalidInput for an empty or too long note.
    """
    content = content.strip()
    if not 1 <= len(content) <= LONGEST:
        raise InvalidInput.of("content", "must have 1 to %(limit)s characters", limit=LONGEST)
    with transaction():
        order = lock_order(order_id)
        note = write_note(order.id, actor.label, content, clock.now(), is_shared=is_shared)
        payload = {"order_id": order.id, "note_id": note.id}
        return is_shared and enqueue_to_customer("order_note", payload, order.customer)

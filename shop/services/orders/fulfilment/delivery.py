"""Orders out for delivery."""

from shop.db.transaction import transaction
from shop.domain.events import EventType
from shop.domain.statuses import OrderStatus
from shop.domain.text.cleaning import clean_line
from shop.services import clock
from shop.services.actors import Actor
from shop.services.errors import Conflict, InvalidInput
from shop.services.orders.events import record_order
from shop.services.orders.lifecycle import change_status
from shop.services.orders.repository import lock_order, save_order

LONGEST = 200


def send_out(order_id: int, rider_name: str, rider_phone: str, actor: Actor) -> bool:
    """Record that a rider has an order's goods; return False if only the rider changed.

    Raises NotFound, InvalidInput for a text that is too long, Conflict for an order that is done or cancelled.
    """
    rider = {"rider_name": clean_line(rider_name), "rider_phone": clean_line(rider_phone)}
    for field, value in rider.items():
        if len(value) > LONGEST:
            raise InvalidInput.of(field, "must have at most %(limit)s characters", limit=LONGEST)
    with transaction():
        order = lock_order(order_id)
        if order.status not in {OrderStatus.PENDING, OrderStatus.PROCESSING}:
            raise Conflict("This order is done or cancelled, so it cannot go out for delivery.", code="order_closed")
        is_new = order.out_for_delivery_at is None
        change_status(order, OrderStatus.PROCESSING, actor)
        order.rider_name, order.rider_phone = rider["rider_name"] or None, rider["rider_phone"] or None
        order.updated_at = now = clock.now()
        if is_new:
            order.out_for_delivery_at = now
        save_order(order)
        updated = record_order(EventType.ORDER_UPDATED, order, actor)
        if is_new:
            updated.audit("order.out_for_delivery")
        return is_new

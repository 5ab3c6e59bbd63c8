"""The customer and the state of an abandoned cart, as expressions over the table of abandoned carts."""

from typing import Final

from sqlalchemy import and_, case, func, select

from shop.domain.statuses import CartState, OrderStatus
from shop.models import AbandonedCart, Customer, Order

CART_CUSTOMER: Final = func.coalesce(
    AbandonedCart.customer_id,
    select(Customer.id)
    .where(Customer.shop_id == AbandonedCart.shop_id, Customer.email == AbandonedCart.email)
    .correlate(AbandonedCart)
    .scalar_subquery(),
)
"""The id of the customer who was signed in, or who has the e-mail that was typed."""

_ORDERED: Final = (
    select(Order.id)
    .where(
        Order.shop_id == AbandonedCart.shop_id,
        Order.customer_id == CART_CUSTOMER,
        and_(Order.created_at >= AbandonedCart.created_at, Order.status != OrderStatus.CANCELLED),
    )
    .correlate(AbandonedCart)
    .exists()
)

CART_STATE: Final = case(
    (_ORDERED, CartState.ORDERED.value),
    (AbandonedCart.stopped_at.is_not(None), CartState.STOPPED.value),
    (AbandonedCart.reminded_at.is_not(None), CartState.REMINDED.value),
    else_=CartState.OPEN.value,
)

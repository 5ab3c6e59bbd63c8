"""Orders (``docs/contract/api.md``, section 7)."""

from flask_babel import gettext

from shop.api import blueprint
from shop.api.auth import current_actor, require_permission
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.queries.listing.times import time_from, time_until
from shop.queries.orders.list import OrderFilters, list_orders
from shop.schemas.envelope import Message
from shop.schemas.orders.records import (
    FailedOrder,
    OrderBatchResponse,
    OrderBatchResult,
    OrderListData,
    OrderListResponse,
    OrderOut,
    OrderResponse,
    PaidOrderResponse,
)
from shop.schemas.orders.requests import (
    NewOrder,
    NewOrderBatch,
    NewRefund,
    OrderListQuery,
    OrderStatusChange,
    OrderUpsert,
    PaymentStatusChange,
)
from shop.services.errors import ShopError
from shop.services.orders.deletion import delete_order
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from shop.services.orders.payment_references import find_paid_by
from shop.services.orders.recording import record_order, record_order_in_savepoint
from shop.services.orders.refunds import refund_order, refund_part
from shop.services.orders.repository import get_order
from shop.services.orders.upsert import save_by_external_id
from shop.web.error_handlers import problem_of
from shop.web.json_api.endpoint import endpoint
from shop.web.json_api.requests import read_part

ID = "<id:order_id>"


@blueprint.get("/orders")
@endpoint(OrderListResponse, tag="Orders", query=OrderListQuery, access="api_key", reads_replica=True)
def order_list(query: OrderListQuery) -> OrderListResponse:
    """List orders

    Newest first unless sorted; with a search, the best matches first. The total of a search is exact up to 10,000.
    """
    filters = OrderFilters(
        query.search,
        query.status,
        query.payment_status,
        customer_id=query.customer_id,
        since=time_from(query.since),
        until=time_until(query.until),
        updated_since=time_from(query.updated_since),
        external_id=query.external_id,
        sort=query.sort,
    )
    found = list_orders(filters, page=query.page, limit=query.limit, cursor=query.cursor)
    data = OrderListData(
        orders=[OrderOut.of(order) for order in found.orders],
        total=found.total,
        page=query.page,
        limit=query.limit,
        total_is_estimate=found.total_is_estimate or None,
        next_cursor=found.next_cursor,
    )
    return OrderListResponse(data=data)


@blueprint.get(f"/orders/{ID}")
@endpoint(OrderResponse, tag="Orders", errors=[404], access="api_key")
def order_show(order_id: int) -> OrderResponse:
    """Get an order

    With items, addresses, totals, taxes and points.
    """
    return OrderResponse.of(get_order(order_id))


@blueprint.post("/orders")
@endpoint(OrderResponse, tag="Orders", body=NewOrder, status=201, errors=[409], access="api_key", idempotent=True)
def order_create(body: NewOrder) -> OrderResponse:
    """Record an order placed elsewhere

    Missing amounts are calculated; given amounts must add up. An unknown e-mail creates a guest customer. An order
    that is already paid or completed earns its points at once. Stock and coupons are not changed. 409 if another order
    has the `external_id`.
    """
    return OrderResponse.of(record_order(body.to_external_order(), current_actor()))


@blueprint.put("/orders")
@endpoint(OrderResponse, tag="Orders", body=OrderUpsert, errors=[409], access="api_key")
def order_upsert(body: OrderUpsert) -> OrderResponse:
    """Record or change the order with an external id

    Without an order with this `external_id`, one is recorded as by `POST`. Else its status, payment status, payment
    method and metadata become those given; its lines and customer stay, and 409 `order_amounts_differ` if given
    amounts are not those it has.
    """
    saved = save_by_external_id(body.to_external_order(), body.given_amounts, body.given_changes, current_actor())
    return OrderResponse.of(saved)


@blueprint.post("/orders/batch")
@endpoint(OrderBatchResponse, tag="Orders", body=NewOrderBatch, status=207, access="api_key", idempotent=True)
def order_batch(body: NewOrderBatch) -> OrderBatchResponse:
    """Record up to 100 orders

    Each order is accepted or rejected on its own; `failed` lists the rejected ones by their index, from 0.
    """
    created, failed = [], []
    for index, raw in enumerate(body.orders):
        try:
            order = read_part(NewOrder, raw, f"orders[{index}].").to_external_order()
            created.append(OrderOut.of(record_order_in_savepoint(order, current_actor())))
        except ShopError as error:
            failed.append(FailedOrder(index=index, error=problem_of(error)))
    data = OrderBatchResult(created_count=len(created), failed_count=len(failed), created=created, failed=failed)
    return OrderBatchResponse(data=data)


@blueprint.delete(f"/orders/{ID}")
@endpoint(Message, tag="Orders", errors=[404, 409], access="api_key")
def order_delete(order_id: int) -> Message:
    """Delete an order

    Its stock and coupon use are restored. 409 `order_has_points` if the order ever earned or redeemed points: ledger
    entries refer to it; 409 `order_has_payment` if its payment was started with a provider. Cancel such an order
    instead.
    """
    delete_order(order_id, current_actor())
    return Message(message=gettext("Order deleted"))


@blueprint.route(f"/orders/{ID}/status", methods=["PUT", "PATCH"])
@endpoint(OrderResponse, tag="Orders", body=OrderStatusChange, errors=[404, 409], access="api_key")
def order_status_set(order_id: int, body: OrderStatusChange) -> OrderResponse:
    """Set an order's status

    Completing the order awards points if that is the trigger. Cancelling restores redeemed points, stock and the
    coupon's use and reverses earned points, once.
    """
    if body.status != OrderStatus.COMPLETED:
        require_permission("orders.change")
    return OrderResponse.of(set_order_status(order_id, body.status, current_actor()))


@blueprint.patch(f"/orders/{ID}/payment-status")
@endpoint(PaidOrderResponse, tag="Orders", body=PaymentStatusChange, errors=[404, 409], access="api_key")
def order_payment_status_set(order_id: int, body: PaymentStatusChange) -> PaidOrderResponse:
    """Set an order's payment status

    `paid` awards points if that is the trigger, once. `failed` returns stock, the coupon's use and redeemed points,
    and reverses earned points; `pending` or `paid` after that takes them again, or is refused (409). `refunded` means
    the whole amount of a paid order and is final. A `payment_method` becomes that of an order that is marked `paid`;
    an order that is paid already keeps its own. A `transaction_reference` that is on other orders, too, is accepted,
    and the answer lists them in `same_reference`: one payment may pay several orders.
    """
    if body.payment_status != PaymentStatus.PAID:
        require_permission("orders.change")
    changed = set_payment_status(
        order_id,
        body.payment_status,
        current_actor(),
        reference=body.transaction_reference,
        method=body.payment_method,
    )
    reference = body.transaction_reference if changed.payment_status == PaymentStatus.PAID else None
    return PaidOrderResponse.paid(changed, find_paid_by(reference, besides=order_id) if reference else [])


@blueprint.post(f"/orders/{ID}/refunds")
@endpoint(OrderResponse, tag="Orders", body=NewRefund, status=201, errors=[404, 409], access="api_key", idempotent=True)
def order_refund_create(order_id: int, body: NewRefund) -> OrderResponse:
    """Refund a paid order, in full or in part

    Send an `amount`, or `items`, which refund their share of the price paid (after discounts, without shipping). With
    neither, everything left is refunded. Once the whole amount is refunded the order is `refunded`, which is final. A
    partial refund reverses earned points in proportion, over all refunds together; redeemed points are restored with
    the last refund, or in proportion if the shop's settings say so. `restock` returns the pieces to stock. 409 for an
    order that is not paid.
    """
    part = refund_part(body.amount, [item.line() for item in body.items or ()])
    refunded = refund_order(
        order_id, part, body.reason, current_actor(), reference=body.reference, restock=body.restock or None
    )
    return OrderResponse.of(refunded)

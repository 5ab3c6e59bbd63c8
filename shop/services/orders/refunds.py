"""Refunds of an order: an amount, or quantities of its lines at the prices they were sold for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import select, update

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.events import EventType
from shop.domain.formats import format_amount
from shop.domain.money import format_money, smallest_amount, whole_units
from shop.domain.refunds import money_for_goods
from shop.domain.statuses import EntryEvent, PaymentStatus
from shop.models import OrderItem, OrderRefund, OrderRefundItem
from shop.models.orders.order import OrderColumns
from shop.services import clock
from shop.services.actors import Actor
from shop.services.errors import Conflict, InvalidInput
from shop.services.loyalty.earning import reverse_points
from shop.services.orders import customer_totals
from shop.services.orders.events import record_order, with_children
from shop.services.orders.pricing.lines import write_note, write_transaction
from shop.services.orders.pricing.taxes import refund_taxes
from shop.services.orders.repository import OrderRecord, load_children, lock_order, save_order
from shop.services.orders.restocking import restock_items
from shop.services.shops.amounts import check_amounts


@dataclass(frozen=True, slots=True)
class RefundLine:
    """A quantity of an order line that is refunded."""

    order_item_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class RefundAmount:
    """The money to refund, and its part of the order's subtotal, in minor units."""

    amount_cents: int
    goods_cents: int
    lines: tuple[RefundLine, ...] = ()
    class_cents: Mapping[str, int] = field(default_factory=dict)
    """The amount paid for the pieces by tax class."""
    restocked: int = 0
    """How many pieces go back to stock."""


RefundPart = int | Sequence[RefundLine] | None
"""An amount in minor units, quantities of lines, or None for all that is left."""


def refund_part(amount_cents: int | None, lines: Sequence[RefundLine]) -> RefundPart:
    """Return the part named by a request. Raises InvalidInput for both an amount and lines."""
    if lines and amount_cents is not None:
        raise InvalidInput.of("amount", "cannot be combined with items: they have their own prices")
    return lines or amount_cents


def refund_order(
    order_id: int,
    part: RefundPart,
    reason: str,
    actor: Actor,
    *,
    reference: str | None = None,
    request_key: str | None = None,
    is_sent: bool = True,
    restock: bool | None = None,
) -> OrderRecord:
    """Refund a part of a paid order; unless the money ``is_sent``, it is listed as to be sent.

    Points are reversed by docs/contract/points.md, When an order is undone. When all money is refunded, the order
    becomes refunded, which is final. With ``restock``, the refunded pieces go back to stock: those of the lines, or all
    that were not refunded. Refunded pieces that did not go back stay out if the order is cancelled later; for a refund
    of the rest only if ``restock`` is False, not None. Repeating a ``request_key`` changes nothing and returns the
    order. The reason of a free order's refund is kept as a note. Raises NotFound, Conflict if the order is not paid,
    InvalidInput for more than is left of the money or of a line.
    """
    with transaction():
        order = lock_order(order_id)
        cause = f"refund:order:{order.id}:{request_key}" if request_key else None
        if cause and _was_refunded(cause):
            return load_children(order)
        if order.payment_status != PaymentStatus.PAID:
            raise Conflict("Only a paid order can be refunded.", code="order_not_paid")
        amount, refunded = calculate_refund(order, part), format_money(order.refunded_cents, order.currency)
        if restock:
            amount = replace(amount, restocked=_restock(order, part, actor))
        elif part is None and restock is False:
            amount = replace(amount, lines=_rest(load_children(order)))
        counted = customer_totals.contribution(order)
        write_refund(order, amount, reason, actor, reference=reference, cause=cause, is_sent=is_sent)
        if not amount.amount_cents and reason.strip():  # a free order has no row with the reason
            write_note(order.id, actor.label, reason.strip(), order.updated_at)
        customer_totals.apply(order, counted)
        save_order(order)
        event = record_order(EventType.ORDER_REFUNDED, order, actor, refunded=refunded)
        back = f"{amount.restocked} returned to stock" if amount.restocked else None
        event.audit("order.refunded", new=format_money(amount.amount_cents, order.currency), reason=back)
        event.notify(amount.amount_cents > 0)
    return with_children(order)


def _restock(order: OrderRecord, part: RefundPart, actor: Actor) -> int:
    """Return the pieces of a refund to stock, before it is written. Raises InvalidInput for a refund of an amount."""
    if isinstance(part, int):
        raise InvalidInput.of("restock", "is only for items, and for a refund of all that is left")
    load_children(order)
    lines = _rest(order) if part is None else part
    return restock_items(order, {line.order_item_id: line.quantity for line in lines}, actor)


def refunded_pieces(order: OrderRecord, refund: OrderRefund | None) -> dict[int, int]:
    """Return the pieces that a refund of an order with its children took back, by line; None for a free order's.

    One that names none took back all that was left if the order is refunded with it, else none.
    """
    if refund is not None and refund.items:
        return {item.order_item_id: item.quantity for item in refund.items}
    is_last = refund is None or refund.id == order.refunds[-1].id
    if order.payment_status != PaymentStatus.REFUNDED or not is_last:
        return {}
    return {line.order_item_id: line.quantity for line in _rest(order)}


def _rest(order: OrderRecord) -> tuple[RefundLine, ...]:
    """Return the pieces of an order with its children that were not refunded."""
    left = [(item.id, item.quantity - item.refunded_quantity) for item in order.items]
    return tuple(RefundLine(line_id, pieces) for line_id, pieces in left if pieces)


def _was_refunded(cause: str) -> bool:
    return db.session.scalars(select(OrderRefund.id).where(OrderRefund.cause == cause)).first() is not None


def write_refund(
    order: OrderRecord,
    part: RefundAmount,
    reason: str,
    actor: Actor,
    *,
    reference: str | None,
    cause: str | None = None,
    is_sent: bool = True,
) -> None:
    """Store a refund of a locked order and reverse its points, in the caller's transaction."""
    order.refunded_cents += part.amount_cents
    order.refunded_goods_cents += part.goods_cents
    order.updated_at = now = clock.now()
    in_full = order.refunded_cents == order.total_cents
    if in_full:
        order.payment_status = PaymentStatus.REFUNDED
    event = EntryEvent.REFUNDED if in_full else EntryEvent.PARTLY_REFUNDED
    undone = reverse_points(order, event, actor, in_full=in_full)
    if part.amount_cents == 0:
        return
    refund_taxes(order, part.amount_cents, part.class_cents)
    write_transaction(order, "refund", part.amount_cents, reference)
    refund = OrderRefund(
        order_id=order.id,
        amount_cents=part.amount_cents,
        goods_cents=part.goods_cents,
        reason=reason.strip(),
        cause=cause,
        reference=reference,
        points_taken_back=undone.taken_back,
        points_given_back=undone.given_back,
        points_short=undone.short,
        restocked_quantity=part.restocked,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=actor.label,
        created_at=now,
        sent_at=now if is_sent else None,
        sent_by=actor.label if is_sent else None,
    )
    db.session.add(refund)
    db.session.flush()
    write_refund_lines(refund, part.lines)


def calculate_refund(order: OrderColumns, part: RefundPart) -> RefundAmount:
    """Return the amounts of a refund.

    An amount refunds as much of the goods. Pieces count at the price they were sold for, and refund their share of what
    was paid for all goods, at most the money left. Raises InvalidInput for more than is left of either, and for
    nothing.
    """
    left = order.total_cents - order.refunded_cents
    if part is None:
        return RefundAmount(left, left)
    if not isinstance(part, int):
        return _of_lines(order, part, left)
    if not 0 < part <= left:
        raise InvalidInput.of(
            "amount",
            "must be from %(least)s to %(amount)s, what is left to refund",
            least=format_amount(smallest_amount(order.currency), order.currency),
            amount=format_amount(left, order.currency),
        )
    check_amounts(order.currency, {"amount": part})
    return RefundAmount(part, part)


def _of_lines(order: OrderColumns, lines: Sequence[RefundLine], left_cents: int) -> RefundAmount:
    sold = {item.id: item for item in _items(order)}
    seen: set[int] = set()
    for number, line in enumerate(lines):
        item, place = sold.get(line.order_item_id), f"items[{number}]"
        if item is None:
            raise InvalidInput.of(f"{place}.order_item_id", "is not an item of this order")
        if item.id in seen:
            raise InvalidInput.of(f"{place}.order_item_id", "is named twice")
        seen.add(item.id)
        most = item.quantity - item.refunded_quantity
        if not 0 < line.quantity <= most:
            if not most:
                raise InvalidInput.of(f"{place}.quantity", "is already fully refunded")
            raise InvalidInput.of(
                f"{place}.quantity", "must be from 1 to %(most)s, what is left of it to refund", most=most
            )
    before = {item.id: item.refunded_quantity for item in sold.values()}
    after = before | {line.order_item_id: before[line.order_item_id] + line.quantity for line in lines}
    goods = sum(sold[line.order_item_id].price_cents * line.quantity for line in lines)
    amount = min(_money(order, sold, after) - _money(order, sold, before), left_cents)
    if amount == 0:
        zero = format_money(0, order.currency)
        raise InvalidInput.of("items", "come to %(amount)s, so there is nothing to refund", amount=zero)
    return RefundAmount(amount, goods, tuple(lines), _by_class(order, sold, before, after))


def _items(order: OrderColumns) -> Sequence[OrderItem]:
    """Return the order's lines as currently stored."""
    statement = select(OrderItem).where(OrderItem.order_id == order.id)
    return db.session.scalars(statement.execution_options(populate_existing=True)).all()


def _money(order: OrderColumns, sold: Mapping[int, OrderItem], pieces: Mapping[int, int]) -> int:
    """Return the worth of returned pieces; taxes that were added by class are those of the pieces."""
    unit = smallest_amount(order.currency)
    goods = sum(item.price_cents * pieces[item.id] for item in sold.values())
    if not any(item.tax_class for item in sold.values()):
        return money_for_goods(goods, order.subtotal_cents, order.discount_cents, order.tax_cents, unit)
    taxes = sum(_added_tax(order, item, pieces[item.id]) for item in sold.values())
    return money_for_goods(goods, order.subtotal_cents, order.discount_cents, 0, unit) + taxes


def _added_tax(order: OrderColumns, item: OrderItem, pieces: int) -> int:
    if not order.tax_cents:  # included in the prices
        return 0
    return whole_units(item.tax_cents * pieces // item.quantity, smallest_amount(order.currency))


def _by_class(
    order: OrderColumns, sold: Mapping[int, OrderItem], before: Mapping[int, int], after: Mapping[int, int]
) -> Counter[str]:
    cents = Counter[str]()
    for item in sold.values():
        tax = _added_tax(order, item, after[item.id]) - _added_tax(order, item, before[item.id])
        cents[item.tax_class] += item.price_cents * (after[item.id] - before[item.id]) + tax
    return cents


def write_refund_lines(refund: OrderRefund, lines: Sequence[RefundLine]) -> None:
    """Store the pieces of a refund, in the caller's transaction. Raises Conflict if they are not left.

    The caller holds the order's lock; the condition and the CHECK behind it are a second guard.
    """
    for line in lines:
        counted = db.session.execute(
            update(OrderItem)
            .where(
                OrderItem.id == line.order_item_id,
                OrderItem.refunded_quantity + line.quantity <= OrderItem.quantity,
            )
            .values(refunded_quantity=OrderItem.refunded_quantity + line.quantity)
        )
        if counted.rowcount != 1:  # type: ignore[attr-defined]
            raise Conflict("These pieces were refunded a moment ago.", code="already_refunded")
        db.session.add(OrderRefundItem(refund_id=refund.id, order_item_id=line.order_item_id, quantity=line.quantity))

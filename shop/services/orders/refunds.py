"""What a refund is about: an amount of money, or pieces of an order's lines priced as they were sold."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from shop.db.session import db
from shop.domain.money import format_money
from shop.domain.refunds import money_for_goods
from shop.models import OrderItem, OrderRefund, OrderRefundItem
from shop.services.errors import Conflict, InvalidInput
from shop.services.orders.repository import AnyOrder


@dataclass(frozen=True, slots=True)
class RefundLine:
    """Pieces of a line of an order that come back."""

    order_item_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class RefundPart:
    """A refund worked out: the money that goes back, and what it stands for of the order's goods, in cents."""

    amount_cents: int
    goods_cents: int
    lines: tuple[RefundLine, ...] = ()


def work_out_part(order: AnyOrder, amount_cents: int | None, lines: Sequence[RefundLine] = ()) -> RefundPart:
    """What a refund of an amount, of some pieces, or (with neither) of all that is left comes to.

    An amount stands for as much of the goods. Pieces stand for what they were sold at, and give back their share of
    what was paid for all the goods, at most what is left of the money. InvalidInput for more than is left of either,
    for nothing, and for both an amount and pieces.
    """
    left = order.total_cents - order.refunded_cents
    if lines:
        if amount_cents is not None:
            raise InvalidInput.of("amount", "cannot be said together with items: they have their own prices")
        return _of_lines(order, lines, left)
    if amount_cents is None:
        return RefundPart(left, left)
    if not 0 < amount_cents <= left:
        raise InvalidInput.of("amount", f"must be from 0.01 to {format_money(left)}, what is left to refund")
    return RefundPart(amount_cents, amount_cents)


def _of_lines(order: AnyOrder, lines: Sequence[RefundLine], left_cents: int) -> RefundPart:
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
            allowed = f"must be from 1 to {most}, what is left of it to refund" if most else "was refunded whole before"
            raise InvalidInput.of(f"{place}.quantity", allowed)
    before = sum(item.price_cents * item.refunded_quantity for item in sold.values())
    goods = sum(sold[line.order_item_id].price_cents * line.quantity for line in lines)
    amount = min(_money(order, before + goods) - _money(order, before), left_cents)
    if amount == 0:
        raise InvalidInput.of("items", "come to 0.00, so there is no money to give back for them")
    return RefundPart(amount, goods, tuple(lines))


def _items(order: AnyOrder) -> Sequence[OrderItem]:
    """The order's lines as they are now, whatever the session knew of them."""
    statement = select(OrderItem).where(OrderItem.order_id == order.id)
    return db.session.scalars(statement.execution_options(populate_existing=True)).all()


def _money(order: AnyOrder, goods_cents: int) -> int:
    return money_for_goods(goods_cents, order.subtotal_cents, order.discount_cents, order.tax_cents)


def keep_lines(refund: OrderRefund, lines: Sequence[RefundLine]) -> None:
    """Keep which pieces a refund was made for, in the caller's transaction. Conflict when they are not left any more.

    The caller holds the order's lock, so this cannot be raced; the condition, and the CHECK behind it, see to it.
    """
    for line in lines:
        counted = db.session.execute(
            update(OrderItem)
            .where(
                OrderItem.id == line.order_item_id,
                OrderItem.refunded_quantity + line.quantity <= OrderItem.quantity,
            )
            .values(refunded_quantity=OrderItem.refunded_quantity + line.quantity)
            .execution_options(synchronize_session=False)
        )
        if counted.rowcount != 1:  # type: ignore[attr-defined]
            raise Conflict("These pieces were refunded a moment ago.", code="already_refunded")
        db.session.add(OrderRefundItem(refund_id=refund.id, order_item_id=line.order_item_id, quantity=line.quantity))

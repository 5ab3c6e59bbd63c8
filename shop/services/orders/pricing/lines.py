"""The children of an order: its lines, addresses, notes and transactions, written in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from shop.db.prepared import PreparedQuery, table
from shop.domain.pricing.taxes import NO_TAXES, Taxes
from shop.models import OrderAddress, OrderItem, OrderNote, OrderTransaction
from shop.models.orders.order import OrderColumns
from shop.services import clock
from shop.services.catalogue.products.for_sale import CartLine, PricedLine
from shop.services.orders.repository import ItemRecord, OrderRecord, load_children


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """A ``shipping`` or ``billing`` address."""

    type: str
    name: str = ""
    street: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    country: str = ""


_I, _N = table(OrderItem).c, table(OrderNote).c
_WRITTEN = [name for name in ItemRecord._fields if name in _I and name != "id"]
_LINES = PreparedQuery(insert(table(OrderItem)).returning(_I.id, _I.product_id, _I.variant_id, _I.quantity))
_ADDRESSES = PreparedQuery(insert(table(OrderAddress)))
_NOTE = PreparedQuery(insert(table(OrderNote)).returning(_N.id, _N.author, _N.content, _N.created_at, _N.is_shared))
_TRANSACTION = PreparedQuery(insert(table(OrderTransaction)))


def write_lines(order_id: int, lines: Sequence[PricedLine], taxes: Taxes = NO_TAXES) -> list[ItemRecord]:
    """Insert the lines of an order whose stock was taken. Return them with their ids."""
    items = with_taxes([_sold(order_id, line) for line in lines], taxes)
    alike = {(item.product_id, item.variant_id, item.quantity): item for item in items}
    # RETURNING is unordered; lines of the same article and quantity are interchangeable
    return sorted(alike[row.product_id, row.variant_id, row.quantity]._replace(id=row.id) for row in write_items(items))


def write_items(items: Sequence[ItemRecord]) -> Sequence[Any]:
    """Insert lines. Return their id, product_id, variant_id and quantity in no particular order."""
    return _LINES.many([{name: getattr(item, name) for name in _WRITTEN} for item in items])


def with_taxes(items: Sequence[ItemRecord], taxes: Taxes) -> list[ItemRecord]:
    """Return lines with their taxes, which are the first parts; unchanged without taxes."""
    if not taxes.parts:
        return list(items)
    pairs = zip(items, taxes.parts, strict=False)
    return [item._replace(tax_class=code, tax_cents=cents) for item, (code, cents) in pairs]


def _sold(order_id: int, line: PricedLine) -> ItemRecord:
    return ItemRecord(
        id=0,
        order_id=order_id,
        product_id=line.product.id,
        variant_id=line.variant.id if line.variant else None,
        name=line.name[:200],
        sku=line.sku,
        quantity=line.quantity,
        price_cents=line.price_cents,
        took_stock=True,
        refunded_quantity=0,
        product=line.product,
        variant=line.variant,
    )


def lines_from_stock(order: OrderRecord) -> list[CartLine]:
    """Return the lines of a locked order that go back to stock if it is undone."""
    left = pieces_to_return(load_children(order))
    return [
        CartLine(item.product_id, left[item.id], item.variant_id)
        for item in order.items
        if item.product_id is not None and item.id in left
    ]


def pieces_to_return(order: OrderRecord) -> dict[int, int]:
    """Return the pieces of an order with its children that took stock and that no refund settled, by line.

    Refunded pieces went back to stock with their refund, or stay out of it.
    """
    if any(refund.restocked_quantity and not refund.items for refund in order.refunds):  # all the rest went back
        return {}
    left = {item.id: item.quantity - max(item.refunded_quantity, item.restocked_quantity) for item in order.items}
    return {item.id: left[item.id] for item in order.items if item.took_stock and left[item.id] > 0}


def write_addresses(order_id: int, addresses: Sequence[PostalAddress]) -> None:
    """Insert the addresses of an order."""
    _ADDRESSES.many([asdict(address) | {"order_id": order_id} for address in addresses])


def write_note(order_id: int, author: str, content: str, moment: datetime, *, is_shared: bool = False) -> Any:
    """Insert a note of an order and return its row; ``is_shared`` if the customer may read it."""
    return _NOTE(order_id=order_id, author=author, content=content, created_at=moment, is_shared=is_shared).one()


def write_transaction(order: OrderColumns, kind: str, amount_cents: int, reference: str | None) -> None:
    """Insert a ``payment`` or ``refund`` of an order."""
    _TRANSACTION(
        order_id=order.id,
        kind=kind,
        amount_cents=amount_cents,
        method=order.payment_method,
        reference=reference,
        status="completed",
        created_at=clock.now(),
    )

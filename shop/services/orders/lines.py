"""What is written with an order: its lines, addresses and words."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from shop.db.prepared import PreparedQuery, table
from shop.models import OrderAddress, OrderItem, OrderNote
from shop.services.catalogue.products import PricedLine
from shop.services.orders.repository import SoldItem


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """Where an order goes, or whom it is billed to."""

    type: str
    name: str = ""
    street: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    country: str = ""


_I, _N = table(OrderItem).c, table(OrderNote).c
_WRITTEN = [name for name in SoldItem._fields if name in _I and name != "id"]
_LINES = PreparedQuery(insert(table(OrderItem)).returning(_I.id, _I.product_id, _I.variant_id, _I.quantity))
_ADDRESSES = PreparedQuery(insert(table(OrderAddress)))
_NOTE = PreparedQuery(insert(table(OrderNote)).returning(_N.id, _N.author, _N.content, _N.created_at))


def write_lines(order_id: int, lines: Sequence[PricedLine]) -> list[SoldItem]:
    """Keep the lines of an order whose stock was taken, in the caller's transaction; as they are kept, by their ids."""
    wanted = [_sold(order_id, line) for line in lines]
    alike = {(item.product_id, item.variant_id, item.quantity): item for item in wanted}
    made = _LINES.many([{name: getattr(item, name) for name in _WRITTEN} for item in wanted])
    # they come back in no certain order, and lines of the same article and number are alike
    return sorted(alike[row.product_id, row.variant_id, row.quantity]._replace(id=row.id) for row in made)


def _sold(order_id: int, line: PricedLine) -> SoldItem:
    return SoldItem(
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


def write_addresses(order_id: int, addresses: Sequence[PostalAddress]) -> None:
    """Keep addresses with an order, in the caller's transaction."""
    _ADDRESSES.many([asdict(address) | {"order_id": order_id} for address in addresses])


def write_note(order_id: int, author: str, content: str, moment: datetime) -> Any:
    """Keep words with an order, in the caller's transaction; the row."""
    return _NOTE(order_id=order_id, author=author, content=content, created_at=moment).one()

"""Orders of a period by who took them, with discounts, refunds and adjustments: staff, programs and the web shop.

Each sale is in one row, so that the rows add up to the report of sales.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, String, and_, case, cast, exists, func, literal, select

from shop.db.session import db
from shop.domain.dates.date_ranges import Part
from shop.domain.dates.days import end_of, start_of
from shop.domain.statuses import EntryKind
from shop.models import ApiKey, AuditEntry, LoyaltyEntry, Order, OrderRefund, TillSale
from shop.queries.ledger.totals import shop_zone
from shop.queries.reports.tables import sold_in
from shop.services.actors import SHOPPER

ACTORS: Final = ("staff", "api_key")
ORDERED: Final = ("orders", "sales_cents", "discount_cents")


@dataclass(slots=True)
class StaffRow:
    """A person or program: paid orders and till sales, with their manual discounts; refunds, adjusted points.

    ``kind`` is ``staff``, ``api_key`` (any program), ``storefront`` for the web shop, ``customer``, or ``unknown`` if
    the audit entry is no longer there. The web shop and the unknown have no name.
    """

    name: str = ""
    orders: int = 0
    sales_cents: int = 0
    discount_cents: int = 0
    refunded_cents: int = 0
    points: int = 0
    kind: str = "staff"


def staff_figures(part: Part) -> list[StaffRow]:
    """Return who was active in a period, highest sales first. An API key has its present name.

    A label that a program sent with its orders is a row of its own, unless a key has that name.
    """
    found: dict[tuple[str, int | str], StaffRow] = {}
    names: dict[int | None, str] = {key.id: key.name for key in db.session.execute(select(ApiKey.id, ApiKey.name))}
    ids = {name: key_id for key_id, name in names.items()}
    for fields, rows in (
        (ORDERED, _by_hand(part)),
        (ORDERED, _at_the_till(part)),
        (ORDERED, _elsewhere(part)),
        *_others(part),
    ):
        for kind, actor_id, label, *figures in rows:
            if kind == "api_key":
                label, actor_id = names.get(actor_id, label), actor_id or ids.get(label)
            row = found.setdefault((kind, actor_id or label), StaffRow(label, kind=kind))
            for name, figure in zip(fields, figures, strict=True):
                setattr(row, name, getattr(row, name) + int(figure))
    return sorted(found.values(), key=lambda row: (-row.sales_cents, -row.refunded_cents, row.name))


def _by_hand(part: Part) -> Iterable[Any]:
    """Return the orders by hand of each who entered them; whose audit entry was deleted, without name."""
    entry = AuditEntry
    is_sale = exists().where(TillSale.shop_id == Order.shop_id, TillSale.order_id == Order.id)
    is_of_order = and_(
        entry.shop_id == Order.shop_id,
        entry.subject == literal("order:") + cast(Order.id, String),
        entry.action == "order.created",
    )
    kind, label = func.coalesce(entry.actor_kind, "unknown"), func.coalesce(func.max(entry.actor_label), "")
    found = (
        select(kind, entry.actor_id, label, *_figures())
        .select_from(Order)
        .outerjoin(entry, is_of_order)
        .where(*sold_in(part), Order.source == "admin", ~is_sale)
    )
    return db.session.execute(found.group_by(entry.actor_kind, entry.actor_id))


def _at_the_till(part: Part) -> Iterable[Any]:
    """Return the sales at the till of each person and each program; some sales have its label alone."""
    sale = TillSale
    person, program = sale.staff_user_id, sale.actor_label
    kind = case((program == SHOPPER.label, "customer"), else_="api_key")  # a customer can claim an M-Pesa payment
    for which, who, by in (
        (person.is_not(None), (literal("staff"), person, func.max(program)), (person,)),
        (person.is_(None), (func.max(kind), sale.api_key_id, program), (program, sale.api_key_id)),
    ):
        found = select(*who, *_figures()).select_from(sale).join(Order, Order.id == sale.order_id)
        yield from db.session.execute(found.where(*sold_in(part), which).group_by(*by))


def _elsewhere(part: Part) -> Iterable[Any]:
    """Return the orders of the web shop, and those that each program recorded."""
    kind, label = case((Order.source == "api", "api_key"), else_="storefront"), func.coalesce(Order.api_label, "")
    found = select(func.max(kind), Order.api_key_id, func.max(label), *_figures())
    by = (Order.source, Order.api_key_id, Order.api_label)
    return db.session.execute(found.where(*sold_in(part), Order.source != "admin").group_by(*by))


def _figures() -> tuple[ColumnElement[int], ...]:
    """Return number, sales and manual discounts of orders, as in ``ORDERED``."""
    by_hand = Order.discount_cents - Order.coupon_discount_cents - Order.points_discount_cents
    return func.count(), func.sum(Order.total_cents - Order.refunded_cents), func.sum(by_hand)


def _others(part: Part) -> list[tuple[tuple[str], Iterable[Any]]]:
    refund, moved = OrderRefund, LoyaltyEntry
    refunds = select(*_who(refund), func.sum(refund.amount_cents)).where(*_by_actors(refund, part))
    points = select(*_who(moved), func.sum(moved.points)).where(
        *_by_actors(moved, part), moved.kind == EntryKind.ADJUSTED
    )
    return [
        (("refunded_cents",), db.session.execute(refunds.group_by(refund.actor_kind, refund.actor_id))),
        (("points",), db.session.execute(points.group_by(moved.actor_kind, moved.actor_id))),
    ]


def _who(model: Any) -> tuple[Any, ...]:
    return model.actor_kind, model.actor_id, func.max(model.actor_label)


def _by_actors(model: Any, part: Part) -> tuple[ColumnElement[bool], ...]:
    zone = shop_zone()
    since, until = start_of(part.first, zone), end_of(part.last, zone)
    return model.actor_kind.in_(ACTORS), model.created_at >= since, model.created_at < until

"""Activity of staff and programs in a period: orders, discounts, refunds and adjustments."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, String, cast, exists, func, literal, select

from shop.db.session import db
from shop.domain.dates.date_ranges import Part
from shop.domain.dates.days import end_of, start_of
from shop.domain.statuses import EntryKind
from shop.models import AuditEntry, LoyaltyEntry, Order, OrderRefund, TillSale
from shop.queries.ledger.totals import shop_zone
from shop.queries.reports.tables import sold_in

ACTORS: Final = ("staff", "api_key")
ORDERED: Final = ("orders", "sales_cents", "discount_cents")


@dataclass(slots=True)
class StaffRow:
    """A person or program: paid orders and till sales, with their manual discounts; refunds, adjusted points."""

    name: str = ""
    orders: int = 0
    sales_cents: int = 0
    discount_cents: int = 0
    refunded_cents: int = 0
    points: int = 0


def staff_figures(part: Part) -> list[StaffRow]:
    """Return who was active in a period, highest sales first."""
    found: dict[tuple[str, int | None], StaffRow] = {}
    for fields, rows in ((ORDERED, _orders(part)), (ORDERED, _sales(part)), *_others(part)):
        for kind, actor_id, label, *figures in rows:
            row = found.setdefault((kind, actor_id), StaffRow(label))
            for name, figure in zip(fields, figures, strict=True):
                setattr(row, name, getattr(row, name) + int(figure))
    return sorted(found.values(), key=lambda row: (-row.sales_cents, -row.refunded_cents, row.name))


def _orders(part: Part) -> Iterable[Any]:
    """Return the orders by hand of each who entered them. Sales at the till are counted by :func:`_sales`."""
    entry = AuditEntry
    is_sale = exists().where(TillSale.shop_id == Order.shop_id, TillSale.order_id == Order.id)
    found = (
        select(*_who(entry), *_figures())
        .select_from(Order)
        .join(entry, entry.subject == literal("order:") + cast(Order.id, String))
        .where(*sold_in(part), Order.source == "admin", entry.action == "order.created", ~is_sale)
    )
    return db.session.execute(found.group_by(entry.actor_kind, entry.actor_id))


def _sales(part: Part) -> Iterable[Any]:
    """Return the sales at the till of each person who sold."""
    sale = TillSale
    found = (
        select(literal("staff"), sale.staff_user_id, func.max(sale.actor_label), *_figures())
        .join(Order, Order.id == sale.order_id)
        .where(*sold_in(part), sale.staff_user_id.is_not(None))
    )
    return db.session.execute(found.group_by(sale.staff_user_id))


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

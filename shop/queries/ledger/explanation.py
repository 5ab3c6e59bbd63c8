"""How an entry's points were calculated."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from shop.db.session import db
from shop.domain.loyalty.points import LoyaltyRules, points_for_money, redemption_cap
from shop.domain.loyalty.rounding import Rounding
from shop.domain.money import minor_units, parse_money
from shop.domain.statuses import EntryEvent
from shop.models import AuditEntry, LoyaltyAccount, Order
from shop.queries.ledger.customer import LedgerLine, get_line
from shop.services.shops.settings import get_settings


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """An order's amounts in cents, and its rules."""

    subtotal_cents: int
    discount_cents: int
    coupon_cents: int
    shipping_cents: int
    tax_cents: int
    refunded_cents: int
    currency: str
    rules: LoyaltyRules
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class EntryExplanation:
    """An entry with the facts of its calculation; those that do not apply to its kind are None.

    ``exact`` is the result before ``rounding`` and ``dropped`` what rounding removed (below 0: added): points for an
    earning or a share of a refund, money for a redemption. ``moved_before`` are points moved by earlier entries of the
    order, ``whole`` the points of the order that a reversal or restoration refers to. ``rate_since`` is when the rate
    was last changed before the order, None if never. ``cap_cents`` and ``most`` limit the redemption.
    """

    line: LedgerLine
    order: OrderFacts | None = None
    base_cents: int | None = None
    rate: Decimal | None = None
    rate_since: datetime | None = None
    trigger: str | None = None
    exact: Decimal | None = None
    dropped: Decimal | None = None
    worth_cents: int | None = None
    cap_cents: int | None = None
    most: int | None = None
    whole: int | None = None
    moved_before: int = 0
    refunded_cents: int | None = None
    shortfall: int = 0
    rounding: Rounding = Rounding.DOWN


def explain_entry(account: LoyaltyAccount | None, seq: int) -> EntryExplanation:
    """Return the facts of an entry of an account. Raise NotFound."""
    line = get_line(account, seq)
    explanation = EntryExplanation(line, order=_order(line.order_id), rounding=_rounding_of(line.meta))
    if line.kind == "earned":
        return _earned(explanation, line.meta)
    if line.kind == "redeemed":
        return _redeemed(explanation, line.meta)
    if line.event == EntryEvent.SHORTFALL_SETTLED:
        return replace(explanation, whole=line.meta["missing_before"])
    if line.kind in {"returned", "taken"}:
        return _undone(explanation, line.meta)
    return explanation


def _rounding_of(meta: Mapping[str, Any]) -> Rounding:
    """Return an entry's rounding. Entries from before it was stored were rounded down."""
    kept = meta.get("rounding")
    return Rounding(kept) if kept in list(Rounding) else Rounding.DOWN


def _order(order_id: int | None) -> OrderFacts | None:
    if order_id is None:
        return None
    order = db.session.scalars(select(Order).where(Order.id == order_id)).first()
    if order is None:
        return None
    return OrderFacts(
        order.subtotal_cents,
        order.discount_cents,
        order.coupon_discount_cents,
        order.shipping_cents,
        order.tax_cents,
        order.refunded_cents,
        order.currency,
        LoyaltyRules.from_json(order.loyalty_rules),
        order.created_at,
    )


def _currency(explanation: EntryExplanation) -> str:
    """Return the currency of an entry's amounts: the shop's, which cannot change once there are points."""
    return explanation.order.currency if explanation.order else get_settings().currency


def _money(explanation: EntryExplanation, text: str) -> int:
    return parse_money(text, _currency(explanation))


def _earned(explanation: EntryExplanation, meta: Any) -> EntryExplanation:
    base, rate = _money(explanation, meta["subtotal"]), Decimal(meta["points_per_currency_unit"])
    exact = Decimal(base) / minor_units(_currency(explanation)) * rate
    return replace(
        explanation,
        base_cents=base,
        rate=rate,
        rate_since=_changed_before("loyalty_points_per_currency_unit", explanation),
        trigger=meta.get("trigger"),
        exact=exact,
        dropped=exact - explanation.line.points,
    )


def _redeemed(explanation: EntryExplanation, meta: Any) -> EntryExplanation:
    base, rate = _money(explanation, meta["subtotal"]), Decimal(meta["points_per_currency_discount"])
    coupon, worth = _money(explanation, meta["coupon_discount"]), _money(explanation, meta["discount"])
    unit = minor_units(_currency(explanation))
    rules = LoyaltyRules(
        points_per_currency_discount=rate,
        max_redeem_percent=Decimal(meta["max_redeem_percent"]),
        major_unit_cents=unit,
    )
    cap = redemption_cap(base, coupon, rules)
    exact = Decimal(-explanation.line.points) / rate
    return replace(
        explanation,
        base_cents=base,
        rate=rate,
        rate_since=_changed_before("loyalty_points_per_currency_discount", explanation),
        exact=exact,
        dropped=exact - Decimal(worth) / unit,
        worth_cents=worth,
        cap_cents=cap,
        most=min(points_for_money(cap, rules), explanation.line.balance_before),
    )


def _undone(explanation: EntryExplanation, meta: Any) -> EntryExplanation:
    returned = explanation.line.kind == "returned"
    whole = meta["points_redeemed"] if returned else meta["points_earned"]
    before = meta["given_back_before"] if returned else meta["taken_back_before"]
    shortfall = explanation.line.shortfall
    explanation = replace(explanation, whole=whole, moved_before=before, shortfall=shortfall)
    in_all = before + abs(explanation.line.points) + shortfall
    if "refunded" not in meta or in_all == whole:
        return explanation
    base, refunded = _money(explanation, meta["subtotal"]), _money(explanation, meta["refunded"])
    exact = Decimal(whole) * refunded / base
    return replace(explanation, base_cents=base, refunded_cents=refunded, exact=exact, dropped=exact - in_all)


def _changed_before(key: str, explanation: EntryExplanation) -> datetime | None:
    """Return when a setting was last changed before the order was placed."""
    if explanation.order is None:
        return None
    statement = (
        select(AuditEntry.created_at)
        .where(
            AuditEntry.subject == key,
            AuditEntry.action == "setting.changed",
            AuditEntry.created_at <= explanation.order.placed_at,
        )
        .order_by(AuditEntry.id.desc())
    )
    return db.session.scalars(statement.limit(1)).first()

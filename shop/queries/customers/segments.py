"""A segment's conditions as SQL."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import aliased

from shop.domain.customers import segments as rule
from shop.domain.customers.segments import Condition, SegmentRules
from shop.domain.dates.days import day_of, start_of
from shop.domain.money import minor_units
from shop.domain.statuses import OrderStatus
from shop.models import Consent, Customer, CustomerTag, LoyaltyRegistration, Order, OrderItem
from shop.services import clock
from shop.services.shops.settings import get_settings

Sql = ColumnElement[bool]


def rules_condition(rules: SegmentRules) -> Sql:
    """Return the conditions of a segment. Days are in the shop's time zone, today is the last."""
    zone = get_settings().values["shop_timezone"]
    found = [_CONDITIONS[one.field](one, zone) for one in rules.conditions]
    return or_(*found) if rules.any_of else and_(*found)


def _compare(column: Any, condition: Condition, number: int) -> Sql:
    compared: Sql = column >= number if condition.operator == rule.AT_LEAST else column <= number
    return compared


def _number(column: Any) -> Callable[[Condition, str], Sql]:
    return lambda condition, _zone: _compare(column, condition, int(condition.value))


def _spent(condition: Condition, _zone: str) -> Sql:
    amount = Decimal(condition.value) * minor_units(get_settings().currency)
    return _compare(Customer.total_spent_cents, condition, int(amount))


def _date(column: Any) -> Callable[[Condition, str], Sql]:
    def condition_on(condition: Condition, zone: str) -> Sql:
        if condition.operator == rule.NEVER:
            never: Sql = column.is_(None)
            return never
        by_days = condition.operator in (rule.WITHIN, rule.NOT_WITHIN)
        day = _today(zone) - timedelta(days=int(condition.value)) if by_days else date.fromisoformat(condition.value)
        start = start_of(day, zone)
        later: Sql = column >= start if condition.operator in (rule.WITHIN, rule.SINCE) else column < start
        return later

    return condition_on


def _today(zone: str) -> date:
    return day_of(clock.now(), zone)


def _bought(condition: Condition, _zone: str) -> Sql:
    orders = (
        select(Order.customer_id)
        .join(OrderItem, OrderItem.order_id == Order.id)
        .where(OrderItem.product_id == int(condition.value), Order.status != OrderStatus.CANCELLED)
        .where(Order.customer_id.is_not(None))
    )
    return _has(condition, Customer.id.in_(orders))


def _has(condition: Condition, holds: Sql) -> Sql:
    return holds if condition.operator in (rule.HAS, rule.IS) else ~holds


def _member(condition: Condition, _zone: str) -> Sql:
    approved = select(LoyaltyRegistration.customer_id).where(LoyaltyRegistration.status == "approved")
    return _has(condition, Customer.id.in_(approved))


def consent_in_force(kind: str) -> Sql:
    """Return the condition that a customer's newest statement of a kind is a consent."""
    row, newer = aliased(Consent), aliased(Consent)
    later = (newer.stated_at > row.stated_at) | ((newer.stated_at == row.stated_at) & (newer.id > row.id))
    taken_over = select(newer.id).where(newer.customer_id == row.customer_id, newer.kind == kind, later)
    given = select(row.customer_id).where(row.kind == kind, row.given.is_(True), ~taken_over.exists())
    return Customer.id.in_(given)


def _consent(condition: Condition, _zone: str) -> Sql:
    return _has(condition, consent_in_force(condition.value))


def _tag(condition: Condition, _zone: str) -> Sql:
    tagged = select(CustomerTag.customer_id).where(CustomerTag.tag == condition.value)
    return _has(condition, Customer.id.in_(tagged))


def _area(condition: Condition, _zone: str) -> Sql:
    return _has(condition, Customer.area == condition.value)


def _birthday(condition: Condition, zone: str) -> Sql:
    """Compare by month and day; 29 February counts in every year."""
    column = Customer.birthday_in_year
    if condition.operator == rule.IN_MONTH:
        month = f"{int(condition.value):02}"
        return and_(column >= f"{month}-01", column <= f"{month}-31")  # PostgreSQL's BETWEEN takes no COLLATE
    today = _today(zone)
    days = min(int(condition.value), 365)
    first, last = today.strftime("%m-%d"), (today + timedelta(days=days)).strftime("%m-%d")
    if days >= 365:
        return column.is_not(None)
    both = and_ if first <= last else or_  # the range may extend into the next year
    return both(column >= first, column <= last)


_CONDITIONS: dict[str, Callable[[Condition, str], Sql]] = {
    "orders": _number(Customer.total_orders),
    "spent": _spent,
    "last_order": _date(Customer.last_order_at),
    "bought": _bought,
    "points": _number(Customer.points_balance),
    "member": _member,
    "consent": _consent,
    "tag": _tag,
    "area": _area,
    "birthday": _birthday,
    "added": _date(Customer.created_at),
}

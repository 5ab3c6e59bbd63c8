"""Orders found by what is typed: their number, a payment reference, or their customer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, false, not_, or_, select

from shop.db.session import db
from shop.db.upsert import like_fragment
from shop.domain.search_text import normalize_search
from shop.models import Customer, Order, OrderTransaction
from shop.queries.customers.search import Fragments, find_customer_ids, is_sqlite, read_search
from shop.queries.listing.pages import Matches
from shop.queries.listing.sort_order import Section

FEW: Final = 2_000
"""Up to so many matching customers are looked up by their orders; of more, orders are met soon by scanning."""
BY_NUMBER: Final = 500
"""Orders found by number or reference at most."""
SHORTEST_REFERENCE: Final = 3
NO_FRAGMENTS: Final = Fragments(())
Conditions = Sequence[ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class _Rank:
    """Orders of one rank: those of customers (by ids, or by text where ids are None), and those found by number."""

    fragments: Fragments
    people: list[int] | None
    orders: list[int]

    @property
    def condition(self) -> ColumnElement[bool]:
        """What must hold of an order; without ids, Customer must be joined."""
        either: list[ColumnElement[bool]] = [Order.id.in_(self.orders)] if self.orders else []
        if self.people is None:
            either.append(and_(*self.fragments.conditions()))
        elif self.people:
            either.append(Order.customer_id.in_(self.people))
        return or_(*either) if either else false()

    def matches(self, filters: Conditions, hidden: Conditions, better: Sequence[int] = ()) -> Matches:
        """Return the matches, without the orders of a better rank."""
        rest = [not_(Order.id.in_(better))] if better else []
        if self.people is None:
            conditions = (self.condition, *rest, *filters)
            return Matches(conditions, conditions, join=_with_customer)
        conditions = (self.condition, *rest, *hidden)
        return Matches(conditions, conditions)


def search_orders(typed: str, filters: Conditions, hidden: Conditions) -> tuple[Matches, list[Matches], list[Section]]:
    """Return what matches as a whole, and the matches and the sections of each rank, the best first.

    ``hidden`` are the filters as no index serves them: those of few customers' orders.
    """
    exact, begins = _find_by_number(typed)
    search = read_search(typed)
    held = (search.whole, *search.ranks) if search is not None else (NO_FRAGMENTS,) * 4
    people = find_customer_ids(search.whole, FEW + 1) if search is not None else []
    if len(people) > FEW:
        found = [_few_or_none(one) for one in held[1:]]
        whole = _Rank(held[0], None, [*exact, *begins])
    else:
        found = _split(people, held[1:])
        whole = _Rank(held[0], people, [*exact, *begins])
    ranks = [_Rank(*one) for one in zip(held[1:], found, (exact, begins, []), strict=True)]
    sections = [Section(2 - place, (rank.condition,)) for place, rank in enumerate(ranks)]
    if whole.people is None:
        sections = [Section(2 - n, (_Rank(one.fragments, None, one.orders).condition,)) for n, one in enumerate(ranks)]
    better = [[], exact, [*exact, *begins]]
    matches = [rank.matches(filters, hidden, ids) for rank, ids in zip(ranks, better, strict=True)]
    return whole.matches(filters, hidden), matches, sections


def _few_or_none(fragments: Fragments) -> list[int] | None:
    people = find_customer_ids(fragments, FEW + 1)
    return None if len(people) > FEW else people


def _split(people: list[int], ranks: Sequence[Fragments]) -> list[list[int] | None]:
    """Customers by the rank of their match."""
    found: list[list[int]] = [[] for _ in ranks]
    if people:
        tests = [(and_(*one.conditions()), place) for place, one in enumerate(ranks[:-1])]
        rank = case(*tests, else_=len(ranks) - 1)
        for customer_id, place in db.session.execute(select(Customer.id, rank).where(Customer.id.in_(people))):
            found[place].append(customer_id)
    return list(found)


def _find_by_number(typed: str) -> tuple[list[int], list[int]]:
    """Orders whose number or payment reference is what was typed, and those where it only begins like that.

    A number may be without ``ORD-``; its last five characters are a match, too.
    """
    number = re.sub(r"\s+", "-", normalize_search(typed).upper())
    reference = typed.strip()
    full = number if number.startswith("ORD") else f"ORD-{number}"
    orders, payments = Order.order_number, OrderTransaction.reference
    exact = _ids(or_(orders == full, Order.number_suffix == number), payments.in_({reference, reference.upper()}))
    is_number = number.startswith("ORD-") or re.fullmatch(r"[0-9]{2,6}(-[0-9A-Z]{0,5})?", number, re.ASCII)
    by_number = _begins(orders, full) if is_number else None
    long_enough = len(reference) >= SHORTEST_REFERENCE
    by_reference = or_(*(_begins(payments, one) for one in {reference, reference.upper()})) if long_enough else None
    begins = _ids(by_number, by_reference)
    return exact, [one for one in begins if one not in set(exact)]


def _ids(of_order: ColumnElement[bool] | None, of_payment: ColumnElement[bool] | None) -> list[int]:
    found: list[int] = []
    if of_order is not None:
        newest = select(Order.id).where(of_order).order_by(Order.order_number.desc())
        found += db.session.scalars(newest.limit(BY_NUMBER))
    if of_payment is not None:
        found += db.session.scalars(select(OrderTransaction.order_id).where(of_payment).limit(BY_NUMBER))
    return found


def _begins(column: Any, text: str) -> ColumnElement[bool]:
    """The text's beginning, as the engine's index serves it: SQLite's compares bytes, PostgreSQL's is for patterns."""
    if is_sqlite():
        return and_(column >= text, column < f"{text}\U0010ffff")
    return column.like(like_fragment(text)[1:], escape="\\")  # type: ignore[no-any-return]


def _with_customer(statement: Select[Any]) -> Select[Any]:
    return statement.outerjoin(Customer, Customer.id == Order.customer_id)

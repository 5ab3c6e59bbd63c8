"""Search for orders by number, payment reference, or customer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, false, func, not_, or_, select, true

from shop.db.session import db
from shop.db.trigrams import is_sqlite
from shop.db.upsert import like_fragment
from shop.domain.text.cleaning import upper_case_forms
from shop.models import Customer, Order, OrderTransaction
from shop.queries.customers.search import Conditions, contains_all, find_customer_ids, read_search
from shop.queries.listing.list_query import Matches
from shop.queries.listing.sort_order import Section
from shop.services.orders.numbers import order_number_start, parse_order_number

FEW: Final = 2_000
"""Up to this many matching customers are looked up by their orders; with more, orders are scanned."""
FEW_ORDERS, MANY_ORDERS = 10_000, 500
"""Orders that are sorted if few customers match, and if many do."""
BY_NUMBER: Final = 500
"""The maximum of orders found by number or reference."""
SHORTEST_REFERENCE: Final = 3
_TEXT: Final[ColumnElement[str]] = func.coalesce(Customer.search_text, "")


@dataclass(frozen=True, slots=True)
class OrderSearch:
    """The matches of a search, the sections of the list with the best matches first, and the matches of each.

    ``bound`` is how many orders are sorted at most.
    """

    whole: Matches
    sections: tuple[Section, ...]
    ranks: Callable[[], tuple[Matches | None, ...]]
    bound: int


def search_orders(typed: str, filters: Conditions, hidden: Conditions) -> OrderSearch:
    """Return the parsed search. ``hidden`` are the filters as no index serves them.

    The ranks are those of the customers' texts; orders found by number or reference are in the upper two. If more
    orders match than are sorted, those of many customers have the lowest rank: showing that no better one exists would
    read all orders.
    """
    ids = _find_by_number(typed)
    search = read_search(typed)
    people = find_customer_ids(search.whole, FEW + 1) if search is not None else []
    is_many = search is not None and len(people) > FEW
    texts = [[and_(*contains_all(one.held, _TEXT))] for one in search.ranks[:-1]] if search and people else [[], []]
    tests = [_any(*one) for one in zip(ids, texts, strict=True)]
    either: Conditions = [Order.customer_id.in_(people)] if people else []
    if search is None or not is_many:
        conditions = (_any([*ids[0], *ids[1]], either), *hidden)
        return _ranked(Matches(conditions, conditions, join=_with_customer), tests, tests, FEW_ORDERS)
    conditions = (_any([*ids[0], *ids[1]], [and_(*search.whole.conditions())]), *filters)
    whole = Matches(conditions, conditions, is_common=search.whole.is_common, join=_with_customer)
    if search.whole.is_indexed and not any(ids):
        through = search.whole.through_customers
        whole = replace(whole, through_index=lambda found: through(found.where(*filters), Order))
    return _ranked(whole, tests, [_any(one, []) if one else None for one in ids], MANY_ORDERS)


def _any(ids: list[int], more: Conditions) -> ColumnElement[bool]:
    either = [Order.id.in_(ids), *more] if ids else more
    return or_(*either) if either else false()


def _ranked(
    whole: Matches,
    tests: Sequence[ColumnElement[bool]],
    scanned: Sequence[ColumnElement[bool] | None],
    bound: int,
) -> OrderSearch:
    """Return a search whose ranks are distinguished by the first test that holds; the last has all others.

    ``scanned`` are the tests if more orders match than are sorted, None for a rank that is empty then.
    """
    sections = tuple(Section(len(tests) - n, (test,)) for n, test in enumerate([*tests, true()]))

    def ranks() -> tuple[Matches | None, ...]:
        found: list[Matches | None] = []
        for n, test in enumerate([*scanned, true()]):
            own = () if test is None else (test, *(not_(one) for one in scanned[:n] if one is not None))
            conditions, in_order = (*own, *whole.conditions), (*own, *whole.in_order)
            rank = replace(whole, conditions=conditions, in_order=in_order, through_index=None)
            found.append(None if test is None else rank)
        return tuple(found)

    return OrderSearch(whole, sections, ranks, bound)


def _find_by_number(typed: str) -> tuple[list[int], list[int]]:
    """Return orders whose number or payment reference is the typed text, and those that begin with it.

    A number may be without ``ORD`` and dashes or after a ``#``; its last five characters match, too.
    """
    number, suffix = parse_order_number(typed)
    exact: list[int] = []
    if number or suffix:
        exact += _newest(or_(Order.order_number == number, Order.number_suffix == suffix))
    start = order_number_start(typed)
    begins: list[int] = [*_newest(_begins(Order.order_number, start))] if start else []
    reference = typed.strip()
    payment, same = OrderTransaction.reference_key, upper_case_forms(reference)
    is_long = len(reference) >= SHORTEST_REFERENCE
    found = or_(*(_begins(payment, one) for one in same)) if is_long else payment.in_(same)
    for order_id, held in db.session.execute(select(OrderTransaction.order_id, payment).where(found).limit(BY_NUMBER)):
        (exact if held in same else begins).append(order_id)
    return exact, [one for one in begins if one not in set(exact)]


def _newest(condition: ColumnElement[bool]) -> Sequence[int]:
    found = select(Order.id).where(condition).order_by(Order.order_number.desc())
    return db.session.scalars(found.limit(BY_NUMBER)).all()


def _begins(column: Any, text: str) -> ColumnElement[bool]:
    """Return a prefix condition that the index serves: SQLite's compares bytes, PostgreSQL's is for patterns."""
    if is_sqlite():
        return and_(column >= text, column < f"{text}\U0010ffff")
    return column.like(like_fragment(text)[1:], escape="\\")  # type: ignore[no-any-return]


def _with_customer(statement: Select[Any]) -> Select[Any]:
    return statement.outerjoin(Customer, Customer.id == Order.customer_id)

"""The list of abandoned carts: its filters, search and sort orders."""

from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import ColumnElement, func, or_, select

from shop.db.session import db
from shop.db.upsert import like_fragment
from shop.domain.text.search import normalize_search
from shop.models import AbandonedCart, Customer
from shop.queries.listing.list_page import ListPage, read_list_page
from shop.queries.listing.list_query import ListQuery, Matches, in_sections
from shop.queries.listing.sort_order import Key, SortOrder, read_sort
from shop.services.messaging.cart_reminders import LeftCart, read_carts
from shop.services.shoppers.cart_states import CART_CUSTOMER, CART_STATE

NEWEST: Final = "-created"
_ID: Final[ColumnElement[int]] = AbandonedCart.id.expression
_WORTH: Final = func.coalesce(AbandonedCart.total_cents.expression, 0)
SORTS: Final[dict[str, tuple[ColumnElement[Any], ...]]] = {"created": (_ID,), "worth": (_WORTH, _ID)}


@dataclass(frozen=True, slots=True)
class CartFilters:
    """Filters of carts: part of the customer's name, e-mail or phone, state, and worth in minor units."""

    search: str = ""
    state: str | None = None
    worth_from: int | None = None
    sort: str = NEWEST

    @property
    def narrows(self) -> bool:
        """Whether any cart may be left out."""
        return replace(self, sort=NEWEST) != CartFilters()


def list_carts(filters: CartFilters, *, after: str | None = None, before: str | None = None) -> ListPage[LeftCart]:
    """Return a page of the abandoned carts. Raise `InvalidInput` as `read_list_page` and for an unknown sort order."""
    descending, name = read_sort(filters.sort, SORTS)
    order = SortOrder(SORTS[name], descending)
    conditions = tuple(_conditions(filters))
    whole = Matches(conditions, conditions)
    total = None if filters.narrows else _count_all
    query = ListQuery(order, whole, lambda: in_sections(order, whole), total=total)
    return read_list_page(query, filters.sort, _read, after=after, before=before)


def _read(keys: list[Key]) -> list[LeftCart]:
    return read_carts([key[-1] for key in keys])


def _count_all() -> int:
    return db.session.scalars(select(func.count(_ID))).one()


def _conditions(filters: CartFilters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    state, worth = CART_STATE, _WORTH
    if filters.search:
        found.append(_found_by(filters.search))
    if filters.state:
        found.append(state == filters.state)
    if filters.worth_from is not None:
        found.append(worth >= filters.worth_from)
    return found


def _found_by(typed: str) -> ColumnElement[bool]:
    words = like_fragment(typed.lower())
    digits = "".join(character for character in typed if character.isdigit()).lstrip("0")
    owner = select(Customer.id).where(
        Customer.shop_id == AbandonedCart.shop_id,
        Customer.id == CART_CUSTOMER,
        Customer.search_text.like(like_fragment(normalize_search(typed)), escape="\\"),
    )
    found = [func.lower(AbandonedCart.email).like(words, escape="\\"), owner.correlate(AbandonedCart).exists()]
    if len(digits) >= 3:
        found.append(AbandonedCart.phone.like(like_fragment(digits), escape="\\"))
    return or_(*found)

"""Statistics, balances and ledger of the programme (``docs/contract/api.md``, sections 2 and 4)."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, case, func, select
from sqlalchemy.orm import joinedload

from shop.db.prepared import SHOP, PreparedQuery, table
from shop.db.session import db
from shop.domain.statuses import EntryKind
from shop.models import Customer, LoyaltyAccount, LoyaltyEntry, LoyaltyEntryNote, LoyaltyRegistration
from shop.queries.customers.search import read_search
from shop.queries.ledger.kinds import EARNED, REDEEMED
from shop.queries.listing.list_query import ListQuery, Matches
from shop.queries.listing.pages import count_matches, find_counted
from shop.queries.listing.sort_order import SortOrder
from shop.queries.listing.times import time_from, time_until
from shop.services.customers.records import get_customer, not_found
from shop.services.errors import NotFound
from shop.services.shops.settings import get_settings

RECENT = 50


class ListedEntry(NamedTuple):
    """A ledger entry in a list."""

    id: int
    kind: str
    points: int
    order_id: int | None
    note: str
    balance_after: int
    expires_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """A customer's points and newest entries, newest first."""

    points_balance: int
    lifetime_earned: int
    entries: list[ListedEntry]


@dataclass(frozen=True, slots=True)
class Stats:
    """Statistics of the programme."""

    enabled: bool
    total_enrolled: int
    total_points_outstanding: int
    total_points_earned: int
    total_points_redeemed: int
    pending_registrations: int


_ACCOUNTS, _ENTRIES, _NOTES = table(LoyaltyAccount).c, table(LoyaltyEntry).c, table(LoyaltyEntryNote).c
_CUSTOMERS = table(Customer).c
_HELD = PreparedQuery(
    select(_ACCOUNTS.id, _ACCOUNTS.points_balance, _ACCOUNTS.lifetime_earned, _ACCOUNTS.entries_count)
    .select_from(table(Customer))
    .outerjoin(
        table(LoyaltyAccount),
        (_ACCOUNTS.shop_id == _CUSTOMERS.shop_id) & (_ACCOUNTS.customer_id == _CUSTOMERS.id),
    )
    .where(_CUSTOMERS.shop_id == SHOP, _CUSTOMERS.id == bindparam("customer_id"))
)
_NEWEST = PreparedQuery(
    select(
        _ENTRIES.id,
        _ENTRIES.kind,
        _ENTRIES.points,
        _ENTRIES.order_id,
        func.coalesce(_NOTES.text, _ENTRIES.system_note).label("note"),
        _ENTRIES.balance_after,
        _ENTRIES.expires_at,
        _ENTRIES.created_at,
    )
    .outerjoin(table(LoyaltyEntryNote), (_NOTES.shop_id == _ENTRIES.shop_id) & (_NOTES.entry_id == _ENTRIES.id))
    .where(
        _ENTRIES.shop_id == SHOP,
        _ENTRIES.account_id == bindparam("account_id"),
        _ENTRIES.seq > bindparam("before"),  # entries are numbered without gaps
    )
    .order_by(_ENTRIES.seq.desc())
    .limit(bindparam("newest"))
)


def get_standing(customer_id: int, *, newest: int = RECENT) -> Standing:
    """Return a customer's points and last entries; zeros and [] without an account. Raise NotFound."""
    held = _HELD(customer_id=customer_id).first()
    if held is None:
        raise not_found(customer_id)
    if held.id is None:
        return Standing(0, 0, [])
    rows = _NEWEST(account_id=held.id, before=held.entries_count - newest, newest=newest).all()
    return Standing(held.points_balance, held.lifetime_earned, [ListedEntry._make(row) for row in rows])


def get_stats() -> Stats:
    """Return the programme's statistics: earned net of reversed points, redeemed net of restored points."""
    entry, account = LoyaltyEntry, LoyaltyAccount
    earned = func.coalesce(
        func.sum(case((entry.kind.in_(EARNED), entry.points), else_=0)),
        0,
    )
    redeemed = func.coalesce(
        func.sum(case((entry.kind.in_(REDEEMED), -entry.points), else_=0)),
        0,
    )
    moved = db.session.execute(select(earned.label("earned"), redeemed.label("redeemed")).select_from(entry)).one()
    held = db.session.execute(
        select(
            func.count(account.id).label("enrolled"), func.coalesce(func.sum(account.points_balance), 0).label("points")
        ).where(account.customer_id.is_not(None))
    ).one()
    pending = db.session.scalars(
        select(func.count(LoyaltyRegistration.id)).where(LoyaltyRegistration.status == "pending")
    ).one()
    enabled = get_settings().rules.enabled
    return Stats(enabled, held.enrolled, int(held.points), int(moved.earned), int(moved.redeemed), pending)


def list_balances(*, limit: int, offset: int, search: str = "") -> tuple[list[LoyaltyAccount], int]:
    """Return accounts with their customers, largest balance first, and how many match."""
    query = _query_balances(search)
    total, keys = find_counted(query, None, offset, limit)
    ids = [key[-1] for key in keys]
    found = select(LoyaltyAccount).where(LoyaltyAccount.id.in_(ids)).options(joinedload(LoyaltyAccount.customer))
    accounts = {account.id: account for account in db.session.scalars(found)} if ids else {}
    return [accounts[one] for one in ids if one in accounts], total


def _query_balances(typed: str) -> ListQuery:
    order = SortOrder((LoyaltyAccount.points_balance.expression, LoyaltyAccount.id.expression))
    has_customer = LoyaltyAccount.customer_id.is_not(None)
    search = read_search(typed)
    if search is None:
        whole = Matches((has_customer,), (has_customer,))
        query = ListQuery(order, whole, lambda: (whole,))
        return replace(query, total=partial(count_matches, query))
    conditions = (has_customer, *search.whole.conditions())
    whole = Matches(conditions, conditions, is_common=search.whole.is_common, join=_with_customer)
    if search.whole.is_indexed:
        whole = replace(whole, through_index=lambda found: search.whole.through_customers(found, LoyaltyAccount))
    return ListQuery(order, whole, lambda: (whole,))


def _with_customer(statement: Select[Any]) -> Select[Any]:
    return statement.join(Customer, Customer.id == LoyaltyAccount.customer_id)


def get_balance(customer_id: int) -> tuple[LoyaltyAccount, LoyaltyRegistration | None]:
    """Return a customer's account and registration. Raise NotFound for an unknown customer, or without an account."""
    get_customer(customer_id)
    statement = select(LoyaltyAccount).where(LoyaltyAccount.customer_id == customer_id)
    account = db.session.scalars(statement.options(joinedload(LoyaltyAccount.customer))).first()
    if account is None:
        raise NotFound("This customer has no points yet.", code="no_loyalty_account")
    registration = db.session.scalars(
        select(LoyaltyRegistration).where(LoyaltyRegistration.customer_id == customer_id)
    ).first()
    return account, registration


def list_entries(
    *,
    limit: int,
    offset: int,
    customer_id: int | None = None,
    type: str | None = None,
    since: date | None = None,
    until: date | None = None,
    sort: str = "-created_at",
) -> tuple[list[LoyaltyEntry], int]:
    """Return ledger entries, newest first unless ``sort`` is ``created_at``, and how many match.

    With account and customer. ``since`` and ``until`` (exclusive) are times, or whole days in the shop's time zone.
    """
    conditions: list[ColumnElement[bool]] = []
    if customer_id is not None:
        accounts = select(LoyaltyAccount.id).where(LoyaltyAccount.customer_id == customer_id)
        conditions.append(LoyaltyEntry.account_id.in_(accounts))
    if type is not None:
        conditions.append(LoyaltyEntry.kind.in_([kind for kind in EntryKind if kind.type == type]))
    if since is not None:
        conditions.append(LoyaltyEntry.created_at >= time_from(since))
    if until is not None:
        conditions.append(LoyaltyEntry.created_at < time_until(until))
    whole = Matches(tuple(conditions), tuple(conditions))
    order = SortOrder((LoyaltyEntry.id.expression,), descending=sort.startswith("-"))
    query = ListQuery(order, whole, lambda: (whole,))
    if not conditions:
        query = replace(query, total=partial(count_matches, query))
    total, keys = find_counted(query, None, offset, limit)
    statement = select(LoyaltyEntry).where(LoyaltyEntry.id.in_([key[-1] for key in keys]))
    whole_entries = statement.options(
        joinedload(LoyaltyEntry.account).joinedload(LoyaltyAccount.customer), joinedload(LoyaltyEntry.written_note)
    )
    return list(db.session.scalars(order.sort(whole_entries, order.columns))), total

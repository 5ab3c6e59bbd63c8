"""The ledger by day, with closing balances that must equal the accounts; differences are reported."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from shop.db.session import db
from shop.domain.dates.date_ranges import Part, first_of_next, month_of
from shop.domain.dates.days import day_of
from shop.models import LoyaltyAccount, LoyaltyEntry
from shop.queries.ledger.totals import Held, Moved, shop_zone, sum_parts, weigh
from shop.services import clock

MOST_FAULTS: Final = 20


@dataclass(frozen=True, slots=True)
class LedgerDay:
    """A day, its movements, and the opening and closing points of all accounts."""

    day: date
    moved: Moved
    opening: int

    @property
    def closing(self) -> int:
        """The closing balance of the day."""
        return self.opening + self.moved.change


@dataclass(frozen=True, slots=True)
class BrokenEntry:
    """An entry whose points differ by ``off`` from the change of the balance."""

    entry_id: int
    customer_id: int | None
    seq: int
    day: date
    off: int


@dataclass(frozen=True, slots=True)
class BrokenAccount:
    """An account that holds ``off`` points more than its last entry says."""

    account_id: int
    customer_id: int | None
    off: int


@dataclass(frozen=True, slots=True)
class LedgerMonth:
    """A month of days up to today, oldest first, and the state of the whole ledger.

    ``earlier`` and ``later`` are the first days of the months around it, if any. Broken entries and accounts
    are searched, up to 20 of each, if accounts and entries differ.
    """

    part: Part
    days: Sequence[LedgerDay]
    held: Held
    earlier: date | None
    later: date | None
    entries: Sequence[BrokenEntry] = ()
    accounts: Sequence[BrokenAccount] = ()

    @property
    def opening(self) -> int:
        """The opening balance of the month."""
        return self.held.before

    @property
    def total(self) -> Moved:
        """The movements of the month."""
        return sum((day.moved for day in self.days), Moved())

    @property
    def closing(self) -> int:
        """The closing balance of the month, or now."""
        return self.opening + self.total.change

    def is_off(self, day: date) -> bool:
        """Return whether an entry of a day is broken."""
        return any(entry.day == day for entry in self.entries)


def get_month(wanted: date | None = None) -> LedgerMonth:
    """Return the month of a day; the current month without a day or for a later one."""
    zone = shop_zone()
    today = day_of(clock.now(), zone)
    oldest = db.session.scalars(select(func.min(LoyaltyEntry.created_at))).first()
    first_day = min(today, day_of(oldest, zone)) if oldest is not None else today
    part = month_of(max(min(wanted or today, today), first_day))
    held = weigh(part.first)
    last = min(part.last, today)
    days = [part.first + timedelta(days=number) for number in range((last - part.first).days + 1)]
    return LedgerMonth(
        part=part,
        days=_run(days, held.before),
        held=held,
        earlier=month_of(part.first - timedelta(days=1)).first if part.first > first_day else None,
        later=first_of_next(part.first) if part.last < today else None,
        entries=_broken_entries(zone) if held.gap else (),
        accounts=_broken_accounts() if held.gap else (),
    )


def _run(days: Sequence[date], opening: int) -> list[LedgerDay]:
    found = []
    for day, moved in zip(days, sum_parts([Part(day, day) for day in days]), strict=True):
        found.append(LedgerDay(day, moved, opening))
        opening = found[-1].closing
    return found


def _broken_entries(zone: str) -> list[BrokenEntry]:
    """Return entries whose points are not the difference of the balances, oldest first; reads the whole ledger."""
    entry, before = LoyaltyEntry, aliased(LoyaltyEntry)
    said = entry.balance_after - func.coalesce(before.balance_after, 0)
    rows = db.session.execute(
        select(
            entry.id,
            LoyaltyAccount.customer_id,
            entry.seq,
            entry.created_at,
            (entry.points - said).label("off"),
        )
        .outerjoin(before, (before.account_id == entry.account_id) & (before.seq == entry.seq - 1))
        .outerjoin(LoyaltyAccount, LoyaltyAccount.id == entry.account_id)
        .where(or_(entry.points != said, (entry.seq > 1) & before.id.is_(None)))
        .order_by(entry.id)
        .limit(MOST_FAULTS)
    )
    return [BrokenEntry(row.id, row.customer_id, row.seq, day_of(row.created_at, zone), row.off) for row in rows]


def _broken_accounts() -> list[BrokenAccount]:
    """Return accounts whose balance differs from that of their last entry."""
    account, last = LoyaltyAccount, LoyaltyEntry
    said = func.coalesce(last.balance_after, 0)
    rows = db.session.execute(
        select(account.id, account.customer_id, (account.points_balance - said).label("off"))
        .outerjoin(last, (last.account_id == account.id) & (last.seq == account.entries_count))
        .where(account.points_balance != said)
        .order_by(account.id)
        .limit(MOST_FAULTS)
    )
    return [BrokenAccount(*row) for row in rows]

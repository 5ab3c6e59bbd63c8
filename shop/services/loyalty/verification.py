"""Verification of the ledger: recalculate every account from its entries (``docs/contract/points.md``, The ledger)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, func, select

from shop.db.session import db
from shop.db.tenant import all_tenants
from shop.db.transaction import reading
from shop.domain.statuses import EntryKind
from shop.models import LoyaltyAccount, LoyaltyEntry

BATCH = 5_000


@dataclass(frozen=True, slots=True)
class LedgerFault:
    """An account with an error: its first wrong entry (None if the account row itself is wrong) and the broken rule."""

    shop_id: int
    account_id: int
    customer_id: int | None
    seq: int | None
    rule: str

    def __str__(self) -> str:
        where = f"entry {self.seq}" if self.seq is not None else "the account itself"
        whose = f"customer {self.customer_id}" if self.customer_id is not None else "a deleted customer"
        return f"shop {self.shop_id}, account {self.account_id} ({whose}), {where}: {self.rule}"


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """The result of a verification."""

    accounts: int
    entries: int
    faults: tuple[LedgerFault, ...]

    @property
    def is_clean(self) -> bool:
        return not self.faults


def verify_ledger(
    shop_id: int | None = None, *, on_progress: Callable[[int, int], None] | None = None
) -> VerificationReport:
    """Verify every account of a shop, or of all shops, in one streamed read of the ledger.

    ``on_progress`` is called with the entries read and the total from time to time; what it raises ends the check.
    Memory does not grow with the ledger or an account.
    """
    accounts = entries = 0
    faults = []
    tell = on_progress or (lambda _done, _total: None)
    with all_tenants(), reading():
        total = _count(shop_id)
        for rows in _accounts(shop_id):
            sums = _Sums(next(rows))
            for row in rows:
                if sums.entries % BATCH == 0:
                    tell(min(entries + sums.entries, total), total)
                sums.add(row)
            accounts += 1
            before, entries = entries, entries + sums.entries
            if entries // BATCH > before // BATCH:
                tell(min(entries, total), total)
            fault = sums.close()
            if fault is not None:
                faults.append(fault)
    tell(total, total)
    return VerificationReport(accounts, entries, tuple(faults))


def _count(shop_id: int | None) -> int:
    statement = select(func.count(LoyaltyEntry.id))
    if shop_id is not None:
        statement = statement.where(LoyaltyEntry.shop_id == shop_id)
    return db.session.scalars(statement).one()


def _accounts(shop_id: int | None) -> Iterator[Iterator[Row[Any]]]:
    """Yield the rows of each account: the account's columns with each of its entries, in order."""
    account, entry = LoyaltyAccount, LoyaltyEntry
    statement = (
        select(
            account.id,
            account.shop_id,
            account.customer_id,
            account.points_balance,
            account.lifetime_earned,
            account.entries_count,
            account.shortfall.label("account_shortfall"),
            entry.seq,
            entry.shop_id.label("entry_shop_id"),
            entry.kind,
            entry.shortfall,
            entry.points,
            entry.balance_after,
        )
        .outerjoin(entry, entry.account_id == account.id)
        .order_by(account.id, entry.seq)
        .execution_options(yield_per=BATCH)
    )
    if shop_id is not None:
        statement = statement.where(account.shop_id == shop_id)
    found: Iterable[Row[Any]] = db.session.execute(statement)
    for _, rows in groupby(found, key=attrgetter("id")):
        yield rows


class _Sums:
    """An account recalculated entry by entry; keeps the first error."""

    def __init__(self, first: Row[Any]) -> None:
        self._account = first
        self._balance = self._lifetime = self._shortfall = self.entries = 0
        self._fault: LedgerFault | None = None
        if first.seq is not None:
            self.add(first)

    def add(self, entry: Row[Any]) -> None:
        """Add the next entry."""
        self.entries += 1
        self._balance += entry.points
        self._shortfall += entry.shortfall
        if EntryKind(entry.kind).counts_as_earned:
            self._lifetime += entry.points
        if self._fault is None:
            rule = self._broken_by(entry)
            if rule is not None:
                self._fault = self._off(entry.seq, rule)

    def _broken_by(self, entry: Row[Any]) -> str | None:
        """Return the rule that an entry breaks."""
        if entry.seq != self.entries:
            return f"its number must be {self.entries}: entries count 1, 2, 3 … without a gap"
        if entry.entry_shop_id != self._account.shop_id:
            return "it must be in the account's shop"
        if entry.balance_after != self._balance:
            return f"the balance after it must be {self._balance}, not {entry.balance_after}"
        if self._balance < 0:
            return f"the balance after it is {self._balance}: it must never be below zero"
        if self._shortfall < 0:
            return "it settles more points than were missing"
        return None

    def close(self) -> LedgerFault | None:
        """Return the first error of the account; None if there is none."""
        if self._fault is not None:
            return self._fault
        account = self._account
        if account.entries_count != self.entries:
            return self._off(None, f"it must count {self.entries} entries, not {account.entries_count}")
        if account.points_balance != self._balance:
            rule = f"its balance must be {self._balance}, the sum of its entries, not {account.points_balance}"
            return self._off(None, rule)
        if account.lifetime_earned != self._lifetime:
            return self._off(None, f"its lifetime points must be {self._lifetime}, not {account.lifetime_earned}")
        if account.account_shortfall != self._shortfall:
            return self._off(None, f"its shortfall must be {self._shortfall}, not {account.account_shortfall}")
        return None

    def _off(self, seq: int | None, rule: str) -> LedgerFault:
        account = self._account
        return LedgerFault(account.shop_id, account.id, account.customer_id, seq, rule)

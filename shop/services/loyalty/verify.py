"""The ledger proves itself: every account is worked out again from its entries (``points.md``, The ledger)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, func, select

from shop.extensions import db
from shop.models import LoyaltyAccount, LoyaltyEntry
from shop.services.scope import every_shop

BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Fault:
    """An account that is off: the first wrong entry (None when the account itself is) and the rule it breaks."""

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
class Proof:
    """What a check of the ledger came to."""

    accounts: int
    entries: int
    faults: tuple[Fault, ...]

    @property
    def is_clean(self) -> bool:
        """Whether nothing was off."""
        return not self.faults


def verify_ledger(shop_id: int | None = None, *, on_progress: Callable[[int, int], None] | None = None) -> Proof:
    """Check every account of a shop, or of all shops, reading the ledger once in a stream.

    ``on_progress`` is told how many of how many rows were read, now and then. Memory does not grow with the ledger.
    """
    accounts = entries = 0
    faults = []
    with every_shop():
        total = _count(shop_id)
        for rows in _accounts(shop_id):
            account = rows[0]
            accounts += 1
            entries += len(rows) if account.seq is not None else 0
            fault = _check(account, rows if account.seq is not None else [])
            if fault is not None:
                faults.append(fault)
            if on_progress is not None and accounts % 200 == 0:
                on_progress(min(entries, total), total)
    if on_progress is not None:
        on_progress(total, total)
    return Proof(accounts, entries, tuple(faults))


def _count(shop_id: int | None) -> int:
    statement = select(func.count(LoyaltyEntry.id))
    if shop_id is not None:
        statement = statement.where(LoyaltyEntry.shop_id == shop_id)
    return db.session.scalars(statement).one()


def _accounts(shop_id: int | None) -> Iterator[list[Row[Any]]]:
    """The rows of one account after another: the account's columns beside each of its entries, in their order."""
    account, entry = LoyaltyAccount, LoyaltyEntry
    statement = (
        select(
            account.id,
            account.shop_id,
            account.customer_id,
            account.points_balance,
            account.lifetime_earned,
            account.entries_count,
            entry.seq,
            entry.shop_id.label("entry_shop_id"),
            entry.type,
            entry.reason,
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
        yield list(rows)


def _check(account: Row[Any], entries: list[Row[Any]]) -> Fault | None:
    """The first thing wrong with an account."""

    def fault(seq: int | None, rule: str) -> Fault:
        return Fault(account.shop_id, account.id, account.customer_id, seq, rule)

    balance = lifetime = 0
    for number, entry in enumerate(entries, start=1):
        balance += entry.points
        if entry.type == "earn" or entry.reason == "earn_reversed":
            lifetime += entry.points
        if entry.seq != number:
            return fault(entry.seq, f"its number must be {number}: entries count 1, 2, 3 … without a gap")
        if entry.entry_shop_id != account.shop_id:
            return fault(entry.seq, "it must be in the account's shop")
        if entry.balance_after != balance:
            return fault(entry.seq, f"the balance after it must be {balance}, not {entry.balance_after}")
        if balance < 0:
            return fault(entry.seq, f"the balance after it is {balance}: it must never be below zero")
    if account.entries_count != len(entries):
        return fault(None, f"it must count {len(entries)} entries, not {account.entries_count}")
    if account.points_balance != balance:
        return fault(None, f"its balance must be {balance}, the sum of its entries, not {account.points_balance}")
    if account.lifetime_earned != lifetime:
        return fault(None, f"its lifetime points must be {lifetime}, not {account.lifetime_earned}")
    return None

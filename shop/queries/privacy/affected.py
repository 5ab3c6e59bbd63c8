"""People affected by a data breach: whose data existed in a period, and what was read or exported.

What was read is known from the audit log: a customer's page, once an hour for each reader; of a list only that it was
read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, or_, select

from shop.db.session import db
from shop.db.tenant import current_shop_id, in_shop
from shop.models import AuditEntry, Customer

BULK_ACTIONS: Final = ("customers.exported", "points.exported", "orders.exported", "privacy.affected_exported")
"""Actions that read the data of all customers."""
SHOWN: Final = 200
AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class AffectedPerson:
    """A customer who existed before the end of the period, and how many audit entries name them."""

    id: int
    name: str
    email: str | None
    phone: str | None
    named: int


@dataclass(frozen=True, slots=True)
class AffectedReport:
    """The audit entries of a period, the exports of lists among them, and how many people existed.

    ``erased`` is the number of people deleted since the period began.
    """

    entries: Sequence[AuditEntry]
    entries_count: int
    exports_count: int
    named_count: int
    existing_count: int
    erased: int


def report_affected(since: datetime, until: datetime) -> AffectedReport:
    """Return the report of a period, with its newest audit entries."""
    row = AuditEntry
    within = (row.created_at >= since, row.created_at < until)
    read = or_(row.subject.like("customer:%"), row.action.in_(BULK_ACTIONS))
    newest = select(row).where(*within, read).order_by(row.id.desc()).limit(SHOWN)
    return AffectedReport(
        db.session.scalars(newest).all(),
        _count(row.id, *within, read),
        _count(row.id, *within, row.action.in_(BULK_ACTIONS)),
        _count(row.subject.distinct(), *within, row.subject.like("customer:%")),
        _count(Customer.id, Customer.created_at < until),
        _count(row.id, row.action == "customer.deleted", row.created_at >= since),
    )


def list_affected(since: datetime, until: datetime) -> Iterator[AffectedPerson]:
    """Yield everyone whose data existed before the end of the period, by id, read in batches."""
    return _list(current_shop_id(), since, until)


def _list(shop_id: int, since: datetime, until: datetime) -> Iterator[AffectedPerson]:
    row = AuditEntry
    named = select(row.subject, func.count()).where(row.created_at >= since, row.created_at < until)
    found = named.where(row.subject.like("customer:%")).group_by(row.subject)
    with in_shop(shop_id):
        times = {subject: count for subject, count in db.session.execute(found)}  # noqa: C416 (typed rows)
    last = 0
    while people := _batch(shop_id, last, until):
        for one in people:
            yield AffectedPerson(one.id, one.full_name, one.email, one.phone, times.get(f"customer:{one.id}", 0))
        last = people[-1].id


def _batch(shop_id: int, last: int, until: datetime) -> Sequence[Customer]:
    people = select(Customer).where(Customer.created_at < until, Customer.id > last).order_by(Customer.id)
    with in_shop(shop_id):
        return db.session.scalars(people.limit(AT_ONCE)).all()


def _count(column: object, *conditions: object) -> int:
    return db.session.scalars(select(func.count(column)).where(*conditions)).one()  # type: ignore[arg-type]

"""The number of a shop's customers, and the position of a deep page, from counts that triggers maintain."""

from typing import Final, NamedTuple

from sqlalchemy import delete, func, insert, select

from shop.db.prepared import SHOP, PreparedQuery, table
from shop.db.session import db
from shop.models import CustomerCountBucket

IDS_IN_BUCKET: Final = 1_000
"""As in the triggers (migration 0010)."""
COMPACTED_AT_ONCE: Final = 10_000
"""Rows that are merged in one transaction."""


class IdRange(NamedTuple):
    """The ids of a bucket; the first ``skip`` rows in the list's direction come before the offset."""

    first_id: int
    last_id: int
    skip: int


_BUCKETS = table(CustomerCountBucket).c
_COUNT = select(func.coalesce(func.sum(_BUCKETS.number), 0)).where(_BUCKETS.shop_id == SHOP)
_SUM = PreparedQuery(_COUNT)
CUSTOMERS_COUNT: Final = _COUNT.scalar_subquery()
"""The exact number of the shop's customers, in a prepared query."""


def count_customers() -> int:
    """Return the exact number of the shop's customers, without reading them."""
    return int(_SUM().scalar_one())


def offset_to_id(offset: int, *, descending: bool) -> IdRange | None:
    """Return the position of the customer at an offset of the list by age; None beyond its end.

    Reads one row for 1,000 customers; up to 999 customers remain to be skipped.
    """
    bucket, number = CustomerCountBucket.bucket, func.sum(CustomerCountBucket.number)
    sums = select(bucket.label("bucket"), number.label("number")).group_by(bucket).subquery("sums")
    reached = func.sum(sums.c.number).over(order_by=sums.c.bucket.desc() if descending else sums.c.bucket.asc())
    running = select(sums.c.bucket, sums.c.number, reached.label("reached")).subquery("running").c
    beyond = select(running.bucket, running.reached - running.number).where(running.reached > offset)
    found = db.session.execute(beyond.order_by(running.reached).limit(1)).first()
    if found is None:
        return None
    first = found[0] * IDS_IN_BUCKET
    return IdRange(first, first + IDS_IN_BUCKET - 1, offset - int(found[1]))


def compact_buckets() -> int:
    """Merge the rows of buckets that have several, in the caller's transaction; return how many rows were removed.

    Rows locked by another transaction are left out. A reader sees either the old rows or the merged ones.
    """
    row = CustomerCountBucket
    same = select(row.shop_id, row.bucket).group_by(row.shop_id, row.bucket).having(func.count() > 1).subquery("same")
    pieces = select(row.id).join(same, (same.c.shop_id == row.shop_id) & (same.c.bucket == row.bucket))
    ids = list(db.session.scalars(pieces.limit(COMPACTED_AT_ONCE).with_for_update(of=row, skip_locked=True)))
    if not ids:
        return 0
    removed = delete(row).where(row.id.in_(ids)).returning(row.shop_id, row.bucket, row.number)
    sums: dict[tuple[int, int], int] = {}
    for shop_id, bucket, number in db.session.execute(removed.execution_options(synchronize_session=False)):
        sums[shop_id, bucket] = sums.get((shop_id, bucket), 0) + number
    rows = [{"shop_id": key[0], "bucket": key[1], "number": number} for key, number in sums.items() if number]
    if rows:
        db.session.execute(insert(row), rows)
    return len(ids) - len(rows)

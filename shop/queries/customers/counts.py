"""How many customers a shop has, and where in their list a deep page begins: from counts that triggers keep."""

from typing import Final, NamedTuple

from sqlalchemy import delete, func, insert, select

from shop.db.prepared import SHOP, Prepared, table
from shop.db.session import db
from shop.models import CustomerSpan

IDS_IN_SPAN: Final = 1_000
"""As the triggers have it (migration 0010)."""
FOLDED_AT_ONCE: Final = 10_000
"""Rows that are put together in one transaction."""


class Landing(NamedTuple):
    """Where to start reading: at the ids of a span, on in the list's direction, without the first ``skip``."""

    first_id: int
    last_id: int
    skip: int


_SPANS = table(CustomerSpan).c
_SUM = Prepared(select(func.coalesce(func.sum(_SPANS.number), 0)).where(_SPANS.shop_id == SHOP))


def count_customers() -> int:
    """All customers of the session's shop, exactly; the customers themselves are not read."""
    return int(_SUM().scalar_one())


def land(offset: int, *, descending: bool) -> Landing | None:
    """Where the customer with a number (from 0) stands in the list by age; None beyond its end.

    One row for 1,000 customers is read to get there, and at most 999 customers are skipped then.
    """
    span, number = CustomerSpan.span, func.sum(CustomerSpan.number)
    sums = select(span.label("span"), number.label("number")).group_by(span).subquery("sums")
    reached = func.sum(sums.c.number).over(order_by=sums.c.span.desc() if descending else sums.c.span.asc())
    walked = select(sums.c.span, sums.c.number, reached.label("reached")).subquery("walked").c
    beyond = select(walked.span, walked.reached - walked.number).where(walked.reached > offset)
    found = db.session.execute(beyond.order_by(walked.reached).limit(1)).first()
    if found is None:
        return None
    first = found[0] * IDS_IN_SPAN
    return Landing(first, first + IDS_IN_SPAN - 1, offset - int(found[1]))


def fold_spans() -> int:
    """Put counts of one span that lie in several rows into one, in the caller's transaction; how many rows fewer.

    Rows that somebody else is folding are passed over; whoever counts sees the rows of before or those of after.
    """
    row = CustomerSpan
    torn = select(row.shop_id, row.span).group_by(row.shop_id, row.span).having(func.count() > 1).subquery("torn")
    pieces = select(row.id).join(torn, (torn.c.shop_id == row.shop_id) & (torn.c.span == row.span))
    ids = list(db.session.scalars(pieces.limit(FOLDED_AT_ONCE).with_for_update(of=row, skip_locked=True)))
    if not ids:
        return 0
    gone = delete(row).where(row.id.in_(ids)).returning(row.shop_id, row.span, row.number)
    sums: dict[tuple[int, int], int] = {}
    for shop_id, span, number in db.session.execute(gone.execution_options(synchronize_session=False)):
        sums[shop_id, span] = sums.get((shop_id, span), 0) + number
    rows = [{"shop_id": key[0], "span": key[1], "number": number} for key, number in sums.items() if number]
    if rows:
        db.session.execute(insert(row), rows)
    return len(ids) - len(rows)

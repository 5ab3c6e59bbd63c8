"""Search texts in which letters with strokes, and ligatures, are the letters that they look like.

The way down keeps the texts: the version before finds them by the plain letters alone.
"""

import sqlalchemy as sa
from alembic import op

from shop.domain.text.search import LETTERS, normalize_search

revision = "0157"
down_revision = "0142"
branch_labels = None
depends_on = None

BATCH = 5_000
TABLES = [
    sa.table(name, sa.column("id", sa.BigInteger), sa.column("search_text", sa.Text))
    for name in ("customers", "products")
]


def upgrade() -> None:
    for table in TABLES:
        last: int | None = 0
        while last is not None:
            last = _rewrite_batch(table, last)


def downgrade() -> None:
    """Nothing to do."""


def _rewrite_batch(table: sa.TableClause, after: int) -> int | None:
    c = table.c
    has_letter = sa.or_(*(c.search_text.contains(letter) for letter in LETTERS))
    rows = op.get_bind().execute(sa.select(table).where(c.id > after, has_letter).order_by(c.id).limit(BATCH)).all()
    changed = [{"key": row.id, "text": f" {normalize_search(row.search_text)} "} for row in rows]
    if changed:
        update = table.update().where(c.id == sa.bindparam("key")).values(search_text=sa.bindparam("text"))
        op.get_bind().execute(update, changed)
    return rows[-1].id if len(rows) == BATCH else None

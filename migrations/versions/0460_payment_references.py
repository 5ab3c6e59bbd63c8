"""Payment references are found in either case; a kind of payment to review for a reference on two orders.

On SQLite the CHECK is changed in the schema's text, as in migration 0400. Going back, these become contradictions.
"""

import sqlalchemy as sa
from alembic import op

revision = "0460"
down_revision = "0470"
branch_labels = None
depends_on = None

Bytes = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TABLE, COLUMN = "order_transactions", "reference_key"
OLD, NEW = "ix_order_transactions_shop_id_reference", "ix_order_transactions_shop_id_reference_key"
FLAGS, CHECK = "payment_flags", "ck_payment_flags_kind_known"
KINDS = "'late', 'twice', 'short', 'over', 'unmatched', 'contradiction', 'refused', 'reversed'"
BEFORE = f"kind IN ({KINDS})"
AFTER = f"kind IN ({KINDS}, 'same_reference')"


def upgrade() -> None:
    computed = sa.Computed("upper(reference)", persisted=_is_postgres())  # SQLite can add only virtual columns
    op.add_column(TABLE, sa.Column(COLUMN, Bytes, computed, nullable=True))
    op.drop_index(OLD, table_name=TABLE)
    op.create_index(NEW, TABLE, ["shop_id", COLUMN])
    _move_figures(OLD, NEW)
    _change_kinds(BEFORE, AFTER)


def downgrade() -> None:
    op.execute("UPDATE payment_flags SET kind = 'contradiction' WHERE kind = 'same_reference'")
    _change_kinds(AFTER, BEFORE)
    op.drop_index(NEW, table_name=TABLE)
    op.drop_column(TABLE, COLUMN)
    op.create_index(OLD, TABLE, ["shop_id", "reference"], postgresql_ops={"reference": "varchar_pattern_ops"})
    _move_figures(NEW, OLD)


def _is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _move_figures(before: str, after: str) -> None:
    """Give SQLite's planner the figures of an index for the one in its place."""
    if not _is_postgres():
        op.execute(f"DELETE FROM sqlite_stat1 WHERE idx IN ('{before}', '{after}')")
        op.execute(f"INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('{TABLE}', '{after}', '300000 300000 2')")


def _change_kinds(before: str, after: str) -> None:
    connection = op.get_bind()
    if _is_postgres():
        op.drop_constraint(op.f(CHECK), FLAGS)
        op.create_check_constraint(op.f(CHECK), FLAGS, after)
        return
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    text = sa.text("UPDATE sqlite_schema SET sql = replace(sql, :before, :after) WHERE type = 'table' AND name = :name")
    connection.execute(text, {"before": before, "after": after, "name": FLAGS})
    connection.execute(sa.text(f"PRAGMA schema_version = {version + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema = OFF"))

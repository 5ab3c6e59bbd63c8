"""A kind of payment to review: one that paid an order and was sent back.

On SQLite the CHECK is changed in the schema's text, as https://sqlite.org/lang_altertable.html describes: the table is
not made anew. Going back, these become contradictions.
"""

import sqlalchemy as sa
from alembic import op

revision = "0400"
down_revision = "0410"
branch_labels = None
depends_on = None

TABLE, CHECK = "payment_flags", "ck_payment_flags_kind_known"
KINDS = "'late', 'twice', 'short', 'over', 'unmatched', 'contradiction', 'refused'"
BEFORE = f"kind IN ({KINDS})"
AFTER = f"kind IN ({KINDS}, 'reversed')"


def upgrade() -> None:
    _change_kinds(BEFORE, AFTER)


def downgrade() -> None:
    op.execute("UPDATE payment_flags SET kind = 'contradiction' WHERE kind = 'reversed'")
    _change_kinds(AFTER, BEFORE)


def _change_kinds(before: str, after: str) -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.drop_constraint(op.f(CHECK), TABLE)
        op.create_check_constraint(op.f(CHECK), TABLE, after)
        return
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    text = sa.text("UPDATE sqlite_schema SET sql = replace(sql, :before, :after) WHERE type = 'table' AND name = :name")
    connection.execute(text, {"before": before, "after": after, "name": TABLE})
    connection.execute(sa.text(f"PRAGMA schema_version = {version + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema = OFF"))

"""Rows of imports and actions on many customers can wait for a second person's approval."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0280"
down_revision = "0300"
branch_labels = None
depends_on = None

BULK = "'waiting', 'running', 'done', 'stopped'"
CHECKS = (
    ("approval_requests", "kind", "'adjustment', 'settings'", "'adjustment', 'settings', 'bulk', 'import'"),
    ("bulk_actions", "state", BULK, f"'held', {BULK}"),
    ("product_bulk_actions", "state", BULK, f"'held', {BULK}"),
    (
        "import_lines",
        "verdict",
        "'new', 'changed', 'unchanged', 'skipped', 'refused'",
        "'new', 'changed', 'unchanged', 'skipped', 'refused', 'held'",
    ),
)
"""Of each CHECK that changes: table, column, values before and after."""


def upgrade() -> None:
    op.add_column("imports", sa.Column("approved", sa.Boolean(), nullable=False, server_default=sa.false()))
    for table, column, before, after in CHECKS:
        _replace_check(table, column, before, after)


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM approval_requests WHERE kind IN ('bulk', 'import')"))
    op.execute(sa.text("UPDATE bulk_actions SET state = 'stopped' WHERE state = 'held'"))
    op.execute(sa.text("UPDATE import_lines SET verdict = 'refused' WHERE verdict = 'held'"))
    for table, column, before, after in CHECKS:
        _replace_check(table, column, after, before)
    op.drop_column("imports", "approved")


def _replace_check(table: str, column: str, before: str, after: str) -> None:
    name = f"ck_{table}_{column}_known"
    if op.get_bind().dialect.name == "sqlite":
        _rewrite_schema(table, rf"\b{column} IN \({re.escape(before)}\)", f"{column} IN ({after})")
    else:
        op.drop_constraint(op.f(name), table)
        op.create_check_constraint(op.f(name), table, f"{column} IN ({after})")


def _rewrite_schema(table: str, pattern: str, replacement: str) -> None:
    """Change the CREATE TABLE on SQLite, as https://sqlite.org/lang_altertable.html describes."""
    connection = op.get_bind()
    named = {"kind": "table", "name": table}
    found = connection.execute(sa.text("SELECT sql FROM sqlite_schema WHERE type = :kind AND name = :name"), named)
    changed, times = re.subn(pattern, replacement, found.scalar_one(), count=1)
    if times != 1:
        raise RuntimeError(f"the table {table} is not as expected")
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    connection.execute(
        sa.text("UPDATE sqlite_schema SET sql = :changed WHERE type = :kind AND name = :name"),
        {"changed": changed, **named},
    )
    connection.execute(sa.text(f"PRAGMA schema_version = {version + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema = OFF"))

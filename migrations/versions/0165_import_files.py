"""Imports: the stored file, columns and their mapping, rows about customers, hashes of what rows are found by, undoing.

The tables are made anew, since SQLite adds no foreign key to a table; temporary tables keep the rows meanwhile.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0165"
down_revision = "0190"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON().with_variant(JSONB(), "postgresql")
Time = sa.DateTime(timezone=True)
OLD_STATES = "'checking', 'checked', 'applying', 'applied', 'undoing', 'undone'"
STATES = f"'uploaded', {OLD_STATES}"
VERDICTS = "'new', 'changed', 'unchanged', 'skipped', 'refused'"
IMPORTS = (
    *("id", "kind", "filename", "state", "apply_at_once", "total_rows", "next_row", "counts", "actor_kind", "actor_id"),
    *("actor_label", "created_at", "applied_at", "leased_until", "shop_id"),
)
LINES = ("id", "import_id", "number", "cells", "verdict", "message", "subject_id", "before", "shop_id")


def upgrade() -> None:
    _set_aside()
    _create_imports(
        STATES,
        *(sa.Column(name, Json, nullable=False) for name in ("headings", "samples", "mapping", "options")),
        sa.Column("is_read", sa.Boolean(), nullable=False),
        sa.Column("undo_counts", Json, nullable=False),
    )
    _create_lines(
        sa.Column("field", sa.String(64), nullable=False),
        sa.Column("customer_id", BigId, nullable=True),
        sa.Column("after", Json, nullable=False),
        sa.Column("undone", sa.String(64), nullable=True),
        sa.CheckConstraint("undone IN ('restored', 'kept')", name=op.f("ck_import_lines_undone_known")),
        sa.ForeignKeyConstraint(
            ["shop_id", "customer_id"],
            ["customers.shop_id", "customers.id"],
            name=op.f("fk_import_lines_shop_id_customer_id"),
        ),
    )
    columns = ["shop_id", "import_id", "verdict", "number"]
    op.create_index(op.f("ix_import_lines_shop_id_import_id_verdict_number"), "import_lines", columns)
    op.create_index(op.f("ix_import_lines_shop_id_customer_id"), "import_lines", ["shop_id", "customer_id"])
    true = sa.true().compile(dialect=op.get_bind().dialect)
    empty = {"headings": "'[]'", "samples": "'[]'", "mapping": "'[]'", "options": "'{}'", "undo_counts": "'{}'"}
    _put_back(empty | {"is_read": str(true)}, {"field": "''", "after": "'{}'"})
    _create_parts()


def _create_parts() -> None:
    _create(
        "import_file_parts",
        sa.Column("import_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        _of_import("import_file_parts"),
        sa.UniqueConstraint(
            "shop_id", "import_id", "number", name=op.f("uq_import_file_parts_shop_id_import_id_number")
        ),
    )
    _create(
        "import_keys",
        sa.Column("import_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("is_owner", sa.Boolean(), nullable=False),
        _of_import("import_keys"),
    )
    op.create_index(op.f("ix_import_keys_shop_id_import_id_key"), "import_keys", ["shop_id", "import_id", "key"])
    op.create_index(op.f("ix_import_keys_shop_id_key"), "import_keys", ["shop_id", "key"])


def downgrade() -> None:
    """Imports of files that were read count as undone: their rows mean something else to the code before."""
    op.drop_table("import_keys")
    op.drop_table("import_file_parts")
    read = sa.true().compile(dialect=op.get_bind().dialect)
    old = f"CAST(headings AS TEXT) <> '[]' AND (is_read = {read} OR state = 'uploaded')"
    op.execute(f"UPDATE imports SET state = 'undone' WHERE {old}")
    _set_aside()
    _create_imports(OLD_STATES)
    _create_lines()
    _put_back({}, {})


def _set_aside() -> None:
    for table in ("import_lines", "imports"):
        op.execute(f"CREATE TEMPORARY TABLE old_{table} AS SELECT * FROM {table}")
        op.drop_table(table)


def _put_back(more_imports: dict[str, str], more_lines: dict[str, str]) -> None:
    """Copy the rows that were set aside; ``more`` are the values of columns that they did not have."""
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for table, names, more in (("imports", IMPORTS, more_imports), ("import_lines", LINES, more_lines)):
        values = [f"CAST({value} AS JSONB)" if is_postgresql and value[1] in "[{" else value for value in more.values()]
        into, taken = ", ".join([*names, *more]), ", ".join([*names, *values])
        op.execute(f"INSERT INTO {table} ({into}) SELECT {taken} FROM old_{table} ORDER BY id")
        op.execute(f"DROP TABLE old_{table}")
        if is_postgresql:
            op.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table} HAVING count(*) > 0"
            )


def _create(table: str, *parts: sa.Column | sa.Constraint) -> None:
    op.create_table(
        table,
        sa.Column("id", BigId, nullable=False),
        *parts,
        sa.Column("shop_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f(f"fk_{table}_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sqlite_autoincrement=True,
    )


def _of_import(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_shop_id_import_id")
    return sa.ForeignKeyConstraint(["shop_id", "import_id"], ["imports.shop_id", "imports.id"], name=name)


def _create_imports(states: str, *more: sa.Column) -> None:
    _create(
        "imports",
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("filename", sa.String(200), nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("apply_at_once", sa.Boolean(), nullable=False),
        *more,
        sa.Column("total_rows", sa.Integer(), nullable=False),
        sa.Column("next_row", sa.Integer(), nullable=False),
        sa.Column("counts", Json, nullable=False),
        sa.Column("actor_kind", sa.String(64), nullable=False),
        sa.Column("actor_id", BigId, nullable=True),
        sa.Column("actor_label", sa.String(200), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("applied_at", Time, nullable=True),
        sa.Column("leased_until", Time, nullable=True),
        sa.CheckConstraint(f"state IN ({states})", name=op.f("ck_imports_state_known")),
        sa.UniqueConstraint("shop_id", "id", name=op.f("uq_imports_shop_id_id")),
    )
    op.create_index(op.f("ix_imports_shop_id_kind_id"), "imports", ["shop_id", "kind", "id"])
    op.create_index(op.f("ix_imports_state_leased_until"), "imports", ["state", "leased_until"])


def _create_lines(*more: sa.Column | sa.Constraint) -> None:
    _create(
        "import_lines",
        sa.Column("import_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cells", Json, nullable=False),
        sa.Column("verdict", sa.String(64), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("subject_id", BigId, nullable=True),
        sa.Column("before", Json, nullable=False),
        *more,
        sa.CheckConstraint(f"verdict IN ({VERDICTS})", name=op.f("ck_import_lines_verdict_known")),
        _of_import("import_lines"),
        sa.UniqueConstraint("shop_id", "import_id", "number", name=op.f("uq_import_lines_shop_id_import_id_number")),
    )

"""Imports of files, and their rows."""

import sqlalchemy as sa
from alembic import op

revision = "0111"
down_revision = "0132"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON().with_variant(sa.dialects.postgresql.JSONB(), "postgresql")
Time = sa.DateTime(timezone=True)
STATES = "'checking', 'checked', 'applying', 'applied', 'undoing', 'undone'"
VERDICTS = "'new', 'changed', 'unchanged', 'skipped', 'refused'"


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("id", BigId, nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("filename", sa.String(200), nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("apply_at_once", sa.Boolean(), nullable=False),
        sa.Column("total_rows", sa.Integer(), nullable=False),
        sa.Column("next_row", sa.Integer(), nullable=False),
        sa.Column("counts", Json, nullable=False),
        sa.Column("actor_kind", sa.String(64), nullable=False),
        sa.Column("actor_id", BigId, nullable=True),
        sa.Column("actor_label", sa.String(200), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("applied_at", Time, nullable=True),
        sa.Column("leased_until", Time, nullable=True),
        sa.Column("shop_id", BigId, nullable=False),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("ck_imports_state_known")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_imports_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
        sa.UniqueConstraint("shop_id", "id", name=op.f("uq_imports_shop_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_imports_shop_id_kind_id"), "imports", ["shop_id", "kind", "id"])
    op.create_index(op.f("ix_imports_state_leased_until"), "imports", ["state", "leased_until"])
    op.create_table(
        "import_lines",
        sa.Column("id", BigId, nullable=False),
        sa.Column("import_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cells", Json, nullable=False),
        sa.Column("verdict", sa.String(64), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("subject_id", BigId, nullable=True),
        sa.Column("before", Json, nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.CheckConstraint(f"verdict IN ({VERDICTS})", name=op.f("ck_import_lines_verdict_known")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_import_lines_shop_id")),
        sa.ForeignKeyConstraint(
            ["shop_id", "import_id"],
            ["imports.shop_id", "imports.id"],
            name=op.f("fk_import_lines_shop_id_import_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_lines")),
        sa.UniqueConstraint("shop_id", "import_id", "number", name=op.f("uq_import_lines_shop_id_import_id_number")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("import_lines")
    op.drop_table("imports")

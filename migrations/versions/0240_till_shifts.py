"""The cash drawer: float, expected and counted at the close."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0240"
down_revision = "0264"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON().with_variant(JSONB(), "postgresql")
IS_OPEN = sa.text("closed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "till_shifts",
        sa.Column("id", BigId, nullable=False),
        sa.Column("branch_id", BigId, nullable=False),
        sa.Column("float_cents", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.String(200), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(200), nullable=False),
        sa.Column("expected", Json, nullable=False),
        sa.Column("counted", Json, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.CheckConstraint("float_cents >= 0", name=op.f("ck_till_shifts_float_cents_not_negative")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_till_shifts_shop_id")),
        sa.ForeignKeyConstraint(
            ["shop_id", "branch_id"], ["branches.shop_id", "branches.id"], name=op.f("fk_till_shifts_shop_id_branch_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_till_shifts")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_till_shifts_open",
        "till_shifts",
        ["shop_id", "branch_id"],
        unique=True,
        sqlite_where=IS_OPEN,
        postgresql_where=IS_OPEN,
    )
    op.create_index(op.f("ix_till_shifts_shop_id_closed_at_id"), "till_shifts", ["shop_id", "closed_at", "id"])


def downgrade() -> None:
    op.drop_table("till_shifts")

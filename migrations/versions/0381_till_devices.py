"""Devices that staff use as a till, with a name and a branch."""

import sqlalchemy as sa
from alembic import op

revision = "0381"
down_revision = "0360"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "till_devices",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("branch_id", BigId, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("registered_by", sa.String(200), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shop_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_till_devices_shop_id")),
        sa.ForeignKeyConstraint(
            ["shop_id", "branch_id"],
            ["branches.shop_id", "branches.id"],
            name=op.f("fk_till_devices_shop_id_branch_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_till_devices")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_till_devices_token_hash")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("till_devices")

"""Large changes wait for the approval of a second person."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0101"
down_revision = "0131"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = "approval_requests"


def upgrade() -> None:
    op.create_table(
        NAME,
        sa.Column("id", BigId, nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("customer_id", BigId, nullable=True),
        sa.Column("request_key", sa.String(64), nullable=False),
        sa.Column("payload", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("requested_by", BigId, nullable=False),
        sa.Column("requester", sa.String(200), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decider", sa.String(200), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.CheckConstraint("kind IN ('adjustment', 'settings')", name=op.f(f"ck_{NAME}_kind_known")),
        sa.CheckConstraint("state IN ('pending', 'approved', 'refused')", name=op.f(f"ck_{NAME}_state_known")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f(f"fk_{NAME}_shop_id")),
        sa.ForeignKeyConstraint(
            ["shop_id", "customer_id"],
            ["customers.shop_id", "customers.id"],
            name=op.f(f"fk_{NAME}_shop_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{NAME}")),
        sa.UniqueConstraint("shop_id", "request_key", name=op.f(f"uq_{NAME}_shop_id_request_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f(f"ix_{NAME}_shop_id_state_id"), NAME, ["shop_id", "state", "id"])
    op.create_index(op.f(f"ix_{NAME}_shop_id_customer_id"), NAME, ["shop_id", "customer_id"])


def downgrade() -> None:
    op.drop_table(NAME)

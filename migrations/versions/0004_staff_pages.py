"""What the staff pages keep: pinned notes, saved views, mailed links."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("customer_notes", sa.Column("pinned", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "staff_tokens",
        sa.Column("id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("shop_id", BigId, nullable=True),
        sa.Column("role", sa.String(length=64), nullable=True),
        sa.Column("invited_by_id", BigId, nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('reset', 'invite')", name=op.f("ck_staff_tokens_kind_known")),
        sa.CheckConstraint(
            "kind <> 'invite' OR (shop_id IS NOT NULL AND role IS NOT NULL)",
            name=op.f("ck_staff_tokens_invite_has_shop"),
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_staff_tokens_shop_id")),
        sa.ForeignKeyConstraint(["invited_by_id"], ["staff_users.id"], name=op.f("fk_staff_tokens_invited_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_staff_tokens_token_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_staff_tokens_email"), "staff_tokens", ["email"])
    op.create_table(
        "saved_views",
        sa.Column("id", BigId, nullable=False),
        sa.Column("staff_user_id", BigId, nullable=False),
        sa.Column("page", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_saved_views_shop_id")),
        sa.ForeignKeyConstraint(["staff_user_id"], ["staff_users.id"], name=op.f("fk_saved_views_staff_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint(
            "shop_id", "staff_user_id", "page", "name", name=op.f("uq_saved_views_shop_id_staff_user_id_page_name")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_saved_views_staff_user_id"), "saved_views", ["staff_user_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_saved_views_staff_user_id"), table_name="saved_views")
    op.drop_table("saved_views")
    op.drop_index(op.f("ix_staff_tokens_email"), table_name="staff_tokens")
    op.drop_table("staff_tokens")
    op.drop_column("customer_notes", "pinned")

"""Requests about personal data, and consents."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0083"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "privacy_requests",
        sa.Column("id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("customer_id", BigId, nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by_customer", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("handled_by", sa.String(length=200), nullable=True),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shop_id", BigId, nullable=False),
        sa.CheckConstraint(
            "kind IN ('access', 'correction', 'erasure', 'portability', 'objection')",
            name=op.f("ck_privacy_requests_kind_known"),
        ),
        sa.CheckConstraint("state IN ('open', 'done', 'refused')", name=op.f("ck_privacy_requests_state_known")),
        sa.CheckConstraint(
            "(state = 'open') = (handled_at IS NULL)", name=op.f("ck_privacy_requests_handled_when_closed")
        ),
        *_owned("privacy_requests"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_privacy_requests_shop_id_state_due_at"), "privacy_requests", ["shop_id", "state", "due_at"]
    )
    op.create_index(op.f("ix_privacy_requests_shop_id_customer_id"), "privacy_requests", ["shop_id", "customer_id"])
    op.create_table(
        "consents",
        sa.Column("id", BigId, nullable=False),
        sa.Column("customer_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("text_version", sa.String(length=64), nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.CheckConstraint(
            "kind IN ('marketing_email', 'marketing_sms', 'marketing_whatsapp', 'loyalty_programme')",
            name=op.f("ck_consents_kind_known"),
        ),
        sa.CheckConstraint(
            "source IN ('in_person', 'paper', 'phone', 'email', 'message', 'account', 'import')",
            name=op.f("ck_consents_source_known"),
        ),
        *_owned("consents"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_consents_shop_id_customer_id_kind"), "consents", ["shop_id", "customer_id", "kind"])


def downgrade() -> None:
    op.drop_table("consents")
    op.drop_table("privacy_requests")


def _owned(table: str) -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f(f"fk_{table}_shop_id")),
        sa.ForeignKeyConstraint(
            ["shop_id", "customer_id"],
            ["customers.shop_id", "customers.id"],
            name=op.f(f"fk_{table}_shop_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]

"""Sandbox shops: a clock that can be moved and messages that are not sent, which a live shop cannot have.

Both tables refer to a shop together with its mark, and their own mark can only be true; whether a shop is a sandbox
never changes. The entries of a sandbox shop's ledger may be deleted: its data can be reset.
"""

import sqlalchemy as sa
from alembic import op

revision = "0210"
down_revision = "0250"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)
SQLITE = """
    CREATE TRIGGER shops_sandbox BEFORE UPDATE OF sandbox ON shops WHEN NEW.sandbox <> OLD.sandbox BEGIN
        SELECT RAISE(ABORT, 'whether a shop is a sandbox never changes');
    END
"""
POSTGRESQL = (
    """
    CREATE FUNCTION shops_sandbox() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'whether a shop is a sandbox never changes' USING ERRCODE = 'check_violation';
    END $$
    """,
    """
    CREATE TRIGGER shops_sandbox BEFORE UPDATE OF sandbox ON shops
    FOR EACH ROW WHEN (NEW.sandbox <> OLD.sandbox) EXECUTE FUNCTION shops_sandbox()
    """,
)

NEVER_GO = """
    CREATE TRIGGER loyalty_entries_never_go BEFORE DELETE ON loyalty_entries {condition}
    BEGIN SELECT RAISE(ABORT, 'a ledger entry is never deleted'); END
"""
IN_LIVE_SHOP = "WHEN NOT EXISTS (SELECT 1 FROM shops WHERE shops.id = OLD.shop_id AND shops.sandbox)"
STAY = """
    CREATE OR REPLACE FUNCTION loyalty_entries_stay() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        {exception}
        RAISE EXCEPTION 'a ledger entry is never changed or deleted' USING ERRCODE = 'restrict_violation';
    END $$
"""
UNLESS_SANDBOX = """
        IF TG_OP = 'DELETE' AND EXISTS (SELECT 1 FROM shops WHERE shops.id = OLD.shop_id AND shops.sandbox) THEN
            RETURN OLD;
        END IF;
"""


def upgrade() -> None:
    op.add_column("shops", sa.Column("sandbox", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("uq_shops_id_sandbox", "shops", ["id", "sandbox"], unique=True)
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in (SQLITE,) if is_sqlite else POSTGRESQL:
        op.execute(statement)
    _keep_entries(IN_LIVE_SHOP, UNLESS_SANDBOX)
    op.create_table(
        "sandbox_clocks",
        sa.Column("id", BigId, nullable=False),
        sa.Column("ahead_seconds", sa.BigInteger(), nullable=False),
        sa.Column("moving_until", Moment, nullable=True),
        sa.Column("moved_from", Moment, nullable=True),
        *_of_sandbox("sandbox_clocks"),
        sa.CheckConstraint("ahead_seconds >= 0", name=op.f("ck_sandbox_clocks_ahead_seconds_not_negative")),
        sa.UniqueConstraint("shop_id", name=op.f("uq_sandbox_clocks_shop_id")),
    )
    op.create_table(
        "sandbox_messages",
        sa.Column("id", BigId, nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("recipient", sa.String(254), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sent_at", Moment, nullable=False),
        *_of_sandbox("sandbox_messages"),
    )
    op.create_index(op.f("ix_sandbox_messages_shop_id_id"), "sandbox_messages", ["shop_id", "id"])


def _keep_entries(condition: str, exception: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER loyalty_entries_never_go")
        op.execute(NEVER_GO.format(condition=condition))
    else:
        op.execute(STAY.format(exception=exception))


def _of_sandbox(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("shop_id", BigId, nullable=False),
        sa.Column("sandbox", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.CheckConstraint("sandbox", name=op.f(f"ck_{table}_of_sandbox")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f(f"fk_{table}_shop_id")),
        sa.ForeignKeyConstraint(
            ["shop_id", "sandbox"], ["shops.id", "shops.sandbox"], name=op.f(f"fk_{table}_shop_id_sandbox")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def downgrade() -> None:
    op.drop_table("sandbox_messages")
    op.drop_table("sandbox_clocks")
    _keep_entries("", "")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER shops_sandbox")
    else:
        op.execute("DROP TRIGGER shops_sandbox ON shops")
        op.execute("DROP FUNCTION shops_sandbox()")
    op.drop_index("uq_shops_id_sandbox", table_name="shops")
    op.drop_column("shops", "sandbox")

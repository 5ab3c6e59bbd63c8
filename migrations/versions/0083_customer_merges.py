"""Merges of customers, and the kinds of ledger entries that they write.

On SQLite the CHECK of the kinds is changed in the schema's text, as https://sqlite.org/lang_altertable.html describes:
the table is not made anew, so its triggers and statistics stay.
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0083"
down_revision = "0042"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = "ck_loyalty_entries_kind_known"
NEW = ("merged", "merged_earned")


def upgrade() -> None:
    op.create_table(
        "customer_merges",
        sa.Column("id", BigId, nullable=False),
        sa.Column("source_id", BigId, nullable=False),
        sa.Column("target_id", BigId, nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("earned", sa.BigInteger(), nullable=False),
        sa.Column("shortfall", sa.BigInteger(), nullable=False),
        sa.Column("snapshot", sa.JSON().with_variant(sa.dialects.postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("actor_kind", sa.String(64), nullable=False),
        sa.Column("actor_label", sa.String(200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shop_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_customer_merges_shop_id")),
        sa.ForeignKeyConstraint(
            ["shop_id", "target_id"],
            ["customers.shop_id", "customers.id"],
            name=op.f("fk_customer_merges_shop_id_target_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_merges")),
        sa.UniqueConstraint("shop_id", "id", name=op.f("uq_customer_merges_shop_id_id")),
        sqlite_autoincrement=True,
    )
    for column in ("source_id", "target_id"):
        op.create_index(op.f(f"ix_customer_merges_shop_id_{column}"), "customer_merges", ["shop_id", column])
    _change_kinds(lambda kinds: [*kinds, *NEW])


def downgrade() -> None:
    """The entries of merges become adjustments by hand; who was merged stays so."""
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    if is_postgresql:
        op.execute("ALTER TABLE loyalty_entries DISABLE TRIGGER loyalty_entries_stay")
    else:
        trigger = _sql("trigger", "loyalty_entries_never_change")
        op.execute("DROP TRIGGER loyalty_entries_never_change")
    op.execute("UPDATE loyalty_entries SET kind = 'order_earned' WHERE kind = 'merged_earned' AND points > 0")
    op.execute("UPDATE loyalty_entries SET kind = 'earn_reversed' WHERE kind = 'merged_earned'")
    op.execute("UPDATE loyalty_entries SET kind = 'manual' WHERE kind = 'merged'")
    if is_postgresql:
        op.execute("ALTER TABLE loyalty_entries ENABLE TRIGGER loyalty_entries_stay")
    else:
        op.execute(trigger)
    _change_kinds(lambda kinds: [kind for kind in kinds if kind not in NEW])
    op.drop_table("customer_merges")


def _change_kinds(change):  # type: ignore[no-untyped-def]
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        found = sa.text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name")
        kinds = re.findall(r"'([a-z_]+)'", connection.execute(found, {"name": NAME}).scalar_one())
        op.drop_constraint(op.f(NAME), "loyalty_entries")
        words = ", ".join(f"'{kind}'" for kind in change(kinds))
        op.create_check_constraint(op.f(NAME), "loyalty_entries", f"kind IN ({words})")
        return
    before = _sql("table", "loyalty_entries")
    listed = re.search(r"kind IN \(([^)]*)\)", before)
    assert listed is not None
    words = ", ".join(f"'{kind}'" for kind in change(re.findall(r"'([a-z_]+)'", listed[1])))
    after = before.replace(listed[0], f"kind IN ({words})")
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    connection.execute(
        sa.text("UPDATE sqlite_schema SET sql = :after WHERE type = 'table' AND name = 'loyalty_entries'"),
        {"after": after},
    )
    connection.execute(sa.text(f"PRAGMA schema_version = {version + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema = OFF"))


def _sql(kind: str, name: str) -> str:
    found = sa.text("SELECT sql FROM sqlite_schema WHERE type = :kind AND name = :name")
    sql: str = op.get_bind().execute(found, {"kind": kind, "name": name}).scalar_one()
    return sql

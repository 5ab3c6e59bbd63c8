"""Delivery zones; methods with bands, weights, collection points and lead times; weights of products."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0121"
down_revision = "0097"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON().with_variant(sa.dialects.postgresql.JSONB(), "postgresql")
FK_NAME = "fk_shipping_methods_shop_id_zone_id"
FOREIGN_KEY = f"CONSTRAINT {FK_NAME} FOREIGN KEY(shop_id, zone_id) REFERENCES shipping_zones (shop_id, id)"
COLUMNS = (  # column checks: SQLite drops them with their column
    ("regions", "{json} NOT NULL DEFAULT '[]'"),
    ("band_by", "VARCHAR(64) NOT NULL DEFAULT ''"),
    ("bands", "{json} NOT NULL DEFAULT '[]'"),
    ("min_weight_grams", "INTEGER {check} CHECK (min_weight_grams >= 0)"),
    ("max_weight_grams", "INTEGER {check} CHECK (max_weight_grams >= 0)"),
    ("collection", "BOOLEAN NOT NULL DEFAULT {false}"),
    ("pickup_address", "VARCHAR(200) NOT NULL DEFAULT ''"),
    ("pickup_hours", "VARCHAR(200) NOT NULL DEFAULT ''"),
    ("lead_days_min", "INTEGER"),
    ("lead_days_max", "INTEGER"),
)


def upgrade() -> None:
    op.create_table(
        "shipping_zones",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("countries", Json, nullable=False),
        sa.Column("regions", Json, nullable=False),
        sa.Column("towns", Json, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_shipping_zones_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipping_zones")),
        sa.UniqueConstraint("shop_id", "id", name=op.f("uq_shipping_zones_shop_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_shipping_zones_shop_id_position"), "shipping_zones", ["shop_id", "position"])
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    words = {"json": "JSON" if is_sqlite else "JSONB", "false": "0" if is_sqlite else "false"}
    for column, kind in COLUMNS:
        check = f"CONSTRAINT ck_shipping_methods_{column}_not_negative"
        op.execute(f"ALTER TABLE shipping_methods ADD COLUMN {column} {kind.format(check=check, **words)}")
    op.add_column("shipping_methods", sa.Column("zone_id", BigId, nullable=True))
    if is_sqlite:
        _rewrite_schema(r"\)\s*$", f", {FOREIGN_KEY})")
    else:
        op.create_foreign_key(FK_NAME, "shipping_methods", "shipping_zones", ["shop_id", "zone_id"], ["shop_id", "id"])
    check = "CONSTRAINT ck_products_weight_grams_not_negative CHECK (weight_grams >= 0)"
    op.execute(f"ALTER TABLE products ADD COLUMN weight_grams INTEGER {check}")


def downgrade() -> None:
    op.drop_column("products", "weight_grams")
    if op.get_bind().dialect.name == "sqlite":
        _rewrite_schema(re.escape(f", {FOREIGN_KEY}"), "")
    else:
        op.drop_constraint(FK_NAME, "shipping_methods")
    op.drop_column("shipping_methods", "zone_id")
    for column, _kind in reversed(COLUMNS):
        op.drop_column("shipping_methods", column)
    op.drop_table("shipping_zones")


def _rewrite_schema(pattern: str, replacement: str) -> None:
    """Change the CREATE TABLE on SQLite, as https://sqlite.org/lang_altertable.html describes."""
    connection = op.get_bind()
    named = {"kind": "table", "name": "shipping_methods"}
    found = connection.execute(sa.text("SELECT sql FROM sqlite_schema WHERE type = :kind AND name = :name"), named)
    changed, times = re.subn(pattern, replacement, found.scalar_one(), count=1)
    if times != 1:
        raise RuntimeError("the table shipping_methods is not as expected")
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    connection.execute(
        sa.text("UPDATE sqlite_schema SET sql = :changed WHERE type = :kind AND name = :name"),
        {"changed": changed, **named},
    )
    connection.execute(sa.text(f"PRAGMA schema_version = {version + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema = OFF"))

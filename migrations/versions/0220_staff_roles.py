"""Roles of a shop's own, for members of its staff and for invitations."""

import re

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0220"
down_revision = "0210"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON().with_variant(JSONB(), "postgresql")
TABLES = ("memberships", "staff_tokens")


def upgrade() -> None:
    op.create_table(
        "staff_roles",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("permissions", Json, nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_staff_roles_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_roles")),
        sa.UniqueConstraint("shop_id", "name", name=op.f("uq_staff_roles_shop_id_name")),
        sa.UniqueConstraint("shop_id", "id", name=op.f("uq_staff_roles_shop_id_id")),
        sqlite_autoincrement=True,
    )
    for table in TABLES:
        op.add_column(table, sa.Column("role_id", BigId, nullable=True))
        name = f"fk_{table}_shop_id_role_id"
        if op.get_bind().dialect.name == "sqlite":
            _rewrite_schema(table, r"\)\s*$", f", {_foreign_key(name)})")
        else:
            op.create_foreign_key(op.f(name), table, "staff_roles", ["shop_id", "role_id"], ["shop_id", "id"])


def downgrade() -> None:
    for table in TABLES:
        name = f"fk_{table}_shop_id_role_id"
        if op.get_bind().dialect.name == "sqlite":
            _rewrite_schema(table, re.escape(f", {_foreign_key(name)}"), "")
        else:
            op.drop_constraint(op.f(name), table)
        op.drop_column(table, "role_id")
    op.drop_table("staff_roles")


def _foreign_key(name: str) -> str:
    return f"CONSTRAINT {name} FOREIGN KEY(shop_id, role_id) REFERENCES staff_roles (shop_id, id)"


def _rewrite_schema(table: str, pattern: str, replacement: str) -> None:
    """Change the CREATE TABLE on SQLite, as https://sqlite.org/lang_altertable.html describes."""
    connection = op.get_bind()
    named = {"kind": "table", "name": table}
    found = connection.execute(sa.text("SELECT sql FROM sqlite_schema WHERE type = :kind AND name = :name"), named)
    changed, times = re.subn(pattern, replacement, found.scalar_one(), count=1)
    if times != 1:
        raise RuntimeError(f"the table {table} is not as expected")
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    connection.execute(
        sa.text("UPDATE sqlite_schema SET sql = :changed WHERE type = :kind AND name = :name"),
        {"changed": changed, **named},
    )
    connection.execute(sa.text(f"PRAGMA schema_version = {version + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema = OFF"))

"""A customer has an e-mail or a phone; a phone that a guest typed is not verified.

Migration 0081 took every phone that one customer alone has for verified. Those of customers who came with an order, or
registered at the storefront, were typed by somebody who had not proved them: they are unverified again.

On SQLite a NOT NULL is taken away and a CHECK added in the schema's text, as https://sqlite.org/lang_altertable.html
describes: the table is not made anew, so its triggers, generated columns and statistics stay.
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0082"
down_revision = "0041"
branch_labels = None
depends_on = None

CHECK = "email IS NOT NULL OR phone IS NOT NULL"
NAME = "ck_customers_email_or_phone"
GUESTS = """
    UPDATE customers SET phone_verified_at = NULL
    WHERE phone_verified_at = updated_at AND (
        password_hash IS NOT NULL
        OR EXISTS (SELECT 1 FROM orders WHERE orders.customer_id = customers.id
                   AND orders.shop_id = customers.shop_id AND orders.created_at {soon})
    )
"""
SOON = {
    "sqlite": "BETWEEN datetime(customers.created_at, '-1 minute') AND datetime(customers.created_at, '+1 minute')",
    "postgresql": "BETWEEN customers.created_at - interval '1 minute' AND customers.created_at + interval '1 minute'",
}


def upgrade() -> None:
    op.execute(GUESTS.format(soon=SOON[op.get_bind().dialect.name]))
    if op.get_bind().dialect.name == "sqlite":
        _rewrite_schema(r"(email VARCHAR\(254\)) NOT NULL", r"\1", 1)
        _rewrite_schema(r"\)\s*$", f", CONSTRAINT {NAME} CHECK ({CHECK}))", 1)
    else:
        op.alter_column("customers", "email", nullable=True)
        op.create_check_constraint(op.f(NAME), "customers", CHECK)


def downgrade() -> None:
    """Give customers without an e-mail one that nothing is mailed to: none is deleted."""
    op.execute("UPDATE customers SET email = 'customer-' || id || '@no-email.invalid' WHERE email IS NULL")
    if op.get_bind().dialect.name == "sqlite":
        _rewrite_schema(rf", CONSTRAINT {NAME} CHECK \({re.escape(CHECK)}\)", "", 1)
        _rewrite_schema(r"(email VARCHAR\(254\))", r"\1 NOT NULL", 1)
    else:
        op.drop_constraint(op.f(NAME), "customers")
        op.alter_column("customers", "email", nullable=False)


def _rewrite_schema(pattern: str, replacement: str, count: int) -> None:
    connection = op.get_bind()
    named = {"kind": "table", "name": "customers"}
    found = connection.execute(sa.text("SELECT sql FROM sqlite_schema WHERE type = :kind AND name = :name"), named)
    changed, times = re.subn(pattern, replacement, found.scalar_one(), count=count)
    if times != count:
        raise RuntimeError("the table customers is not as expected")
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    connection.execute(
        sa.text("UPDATE sqlite_schema SET sql = :changed WHERE type = :kind AND name = :name"),
        {"changed": changed, **named},
    )
    connection.execute(sa.text(f"PRAGMA schema_version = {version + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema = OFF"))

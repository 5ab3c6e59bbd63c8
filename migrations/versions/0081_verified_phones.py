"""A verified phone belongs to one customer of a shop; domains of e-mail addresses are stored in ASCII.

A phone that one customer alone has becomes verified. A phone that several share stays unverified with all of them
until staff decide; `queries.customers.shared_phones` lists these. An address whose ASCII form another row has stays
as it is.
"""

import sqlalchemy as sa
from alembic import op

from shop.domain.customers.contact import normalize_email

revision = "0081"
down_revision = "0031"
branch_labels = None
depends_on = None

VERIFIED = sa.text("phone_verified_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("customers", sa.Column("phone_verified_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("""
        UPDATE customers SET phone_verified_at = updated_at
        WHERE phone IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM customers AS other
            WHERE other.shop_id = customers.shop_id AND other.phone = customers.phone AND other.id <> customers.id
        )
    """)
    op.create_index(
        "uq_customers_verified_phone",
        "customers",
        ["shop_id", "phone"],
        unique=True,
        sqlite_where=VERIFIED,
        postgresql_where=VERIFIED,
    )
    if op.get_bind().dialect.name == "sqlite":  # what it plans with, as in migration 0009
        op.execute("""
            INSERT INTO sqlite_stat1 (tbl, idx, stat)
            VALUES ('customers', 'uq_customers_verified_phone', '90000 90000 1')
        """)
    for name, scope in (("customers", ["shop_id"]), ("shopper_signups", ["shop_id"]), ("staff_users", [])):
        _rewrite_addresses(name, scope)


def downgrade() -> None:
    op.drop_index("uq_customers_verified_phone", table_name="customers")
    op.drop_column("customers", "phone_verified_at")


def _rewrite_addresses(name: str, scope: list[str]) -> None:
    connection = op.get_bind()
    table = sa.table(name, sa.column("id"), sa.column("email"), *(sa.column(column) for column in scope))
    match = "email ~ '[^ -~]'" if connection.dialect.name == "postgresql" else "email GLOB '*[^ -~]*'"
    for row in connection.execute(sa.select(table).where(sa.text(match))).all():
        try:
            key = normalize_email(row.email)
        except ValueError:
            continue
        same = [table.c.email == key, *(table.c[column] == getattr(row, column) for column in scope)]
        if connection.execute(sa.select(table.c.id).where(*same)).first() is None:
            connection.execute(table.update().where(table.c.id == row.id).values(email=key))

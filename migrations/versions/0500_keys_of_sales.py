"""The API key that recorded an order or a sale at the till, so that reports know a key whose name has changed.

Earlier rows get the key that has their label as its name; labels that callers sent themselves stay without one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0500"
down_revision = "0480"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COLUMN = "api_key_id"
LABELS = {"orders": ("api_label", "source = 'api'"), "till_sales": ("actor_label", "staff_user_id IS NULL")}


def upgrade() -> None:
    for table, (label, of_program) in LABELS.items():
        op.add_column(table, sa.Column(COLUMN, BigId, nullable=True))
        found = f"SELECT min(k.id) FROM api_keys k WHERE k.shop_id = {table}.shop_id AND k.name = {table}.{label}"
        op.execute(
            f"UPDATE {table} SET {COLUMN} = ({found}) WHERE {of_program} AND {label} IN (SELECT name FROM api_keys)"
        )


def downgrade() -> None:
    for table in LABELS:
        op.drop_column(table, COLUMN)

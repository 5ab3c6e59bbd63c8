"""Pieces of a refund that went back to stock, and their kind of stock movement.

On SQLite the CHECK is changed in the schema's text, as in revision 0340. Going back, they become cancellations.
"""

import sqlalchemy as sa
from alembic import op

revision = "0480"
down_revision = "0460"
branch_labels = None
depends_on = None

COUNTED = ("order_items", "order_refunds")
TABLE, CHECK = "stock_movements", "ck_stock_movements_kind_known"
BEFORE = "kind IN ('opening', 'sale', 'cancellation', 'adjustment', 'import', 'transfer')"
AFTER = "kind IN ('opening', 'sale', 'cancellation', 'adjustment', 'import', 'transfer', 'refund')"


def upgrade() -> None:
    for table in COUNTED:
        op.add_column(table, sa.Column("restocked_quantity", sa.Integer(), nullable=False, server_default="0"))
    _change_kinds(BEFORE, AFTER)


def downgrade() -> None:
    op.execute("UPDATE stock_movements SET kind = 'cancellation' WHERE kind = 'refund'")
    _change_kinds(AFTER, BEFORE)
    for table in COUNTED:
        op.drop_column(table, "restocked_quantity")


def _change_kinds(before: str, after: str) -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.drop_constraint(op.f(CHECK), TABLE)
        op.create_check_constraint(op.f(CHECK), TABLE, after)
        return
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    text = sa.text("UPDATE sqlite_schema SET sql = replace(sql, :before, :after) WHERE type = 'table' AND name = :name")
    connection.execute(text, {"before": before, "after": after, "name": TABLE})
    connection.execute(sa.text(f"PRAGMA schema_version = {version + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema = OFF"))

"""What SQLite plans with for the rows of imports: the rows of large files, and those of each prefix of an index."""

from alembic import op

revision = "0440"
down_revision = "0400"
branch_labels = None
depends_on = None

SPREAD = {
    "import_lines": {
        "sqlite_autoindex_import_lines_1": "300000 300000 100000 1",
        "ix_import_lines_shop_id_import_id_verdict_number": "300000 300000 100000 50000 1",
        "ix_import_lines_shop_id_customer_id": "300000 300000 2",
    },
    "import_keys": {
        "ix_import_keys_shop_id_import_id_key": "600000 600000 200000 1",
        "ix_import_keys_shop_id_key": "600000 600000 3",
    },
}


def upgrade() -> None:
    if _is_sqlite():
        for table, indexes in SPREAD.items():
            for index, figures in indexes.items():
                op.execute(f"INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('{table}', '{index}', '{figures}')")


def downgrade() -> None:
    if _is_sqlite():
        for table in SPREAD:
            op.execute(f"DELETE FROM sqlite_stat1 WHERE tbl = '{table}'")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"

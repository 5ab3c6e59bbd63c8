"""A mark on each shop that changes with its settings, so that processes may keep them safely."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# A random number rather than a count: a database put back from a backup must not come to a number again under which
# some process still keeps other settings.
SQLITE_NEW = "UPDATE shops SET settings_mark = random() WHERE id = {row}.shop_id;"
SQLITE_UP = (
    f"CREATE TRIGGER shop_settings_marked_new AFTER INSERT ON shop_settings BEGIN {SQLITE_NEW.format(row='NEW')} END",
    f"CREATE TRIGGER shop_settings_marked AFTER UPDATE ON shop_settings BEGIN {SQLITE_NEW.format(row='NEW')} END",
    f"CREATE TRIGGER shop_settings_marked_gone AFTER DELETE ON shop_settings BEGIN {SQLITE_NEW.format(row='OLD')} END",
    """
    CREATE TRIGGER shops_marked AFTER UPDATE OF name ON shops BEGIN
        UPDATE shops SET settings_mark = random() WHERE id = NEW.id;
    END
    """,
)
SQLITE_DOWN = (
    "DROP TRIGGER shops_marked",
    "DROP TRIGGER shop_settings_marked_gone",
    "DROP TRIGGER shop_settings_marked",
    "DROP TRIGGER shop_settings_marked_new",
)

POSTGRESQL_NEW = "('x' || substr(md5(random()::text || clock_timestamp()::text), 1, 15))::bit(60)::bigint"
POSTGRESQL_UP = (
    f"""
    CREATE FUNCTION shop_settings_marked() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE shops SET settings_mark = {POSTGRESQL_NEW}
        WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.shop_id ELSE NEW.shop_id END;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER shop_settings_marked AFTER INSERT OR UPDATE OR DELETE ON shop_settings
    FOR EACH ROW EXECUTE FUNCTION shop_settings_marked()
    """,
    f"""
    CREATE FUNCTION shops_marked() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.settings_mark := {POSTGRESQL_NEW};
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER shops_marked BEFORE UPDATE OF name ON shops
    FOR EACH ROW EXECUTE FUNCTION shops_marked()
    """,
)
POSTGRESQL_DOWN = (
    "DROP TRIGGER shops_marked ON shops",
    "DROP FUNCTION shops_marked()",
    "DROP TRIGGER shop_settings_marked ON shop_settings",
    "DROP FUNCTION shop_settings_marked()",
)


def upgrade() -> None:
    op.add_column("shops", sa.Column("settings_mark", sa.BigInteger(), nullable=False, server_default="0"))
    _run(SQLITE_UP, POSTGRESQL_UP)


def downgrade() -> None:
    _run(SQLITE_DOWN, POSTGRESQL_DOWN)
    op.drop_column("shops", "settings_mark")


def _run(sqlite: tuple[str, ...], postgresql: tuple[str, ...]) -> None:
    for statement in sqlite if op.get_bind().dialect.name == "sqlite" else postgresql:
        op.execute(statement)

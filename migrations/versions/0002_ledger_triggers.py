"""The ledger defends itself: entries are only added, each the right continuation of its account."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# An entry continues its account: number and balance are those the account has by now, and the entry before leads there.
FITS = """
    EXISTS (
        SELECT 1 FROM loyalty_accounts AS account
        WHERE account.id = NEW.account_id AND account.entries_count = NEW.seq
          AND account.points_balance = NEW.balance_after
    )
    AND (
        (NEW.seq = 1 AND NEW.balance_after = NEW.points)
        OR EXISTS (
            SELECT 1 FROM loyalty_entries AS before
            WHERE before.account_id = NEW.account_id AND before.seq = NEW.seq - 1
              AND before.balance_after + NEW.points = NEW.balance_after
        )
    )
"""

# SQLite's INSERT OR REPLACE deletes without a delete trigger, so an entry that would replace one is refused here.
TAKEN = """
    EXISTS (
        SELECT 1 FROM loyalty_entries AS other
        WHERE other.id = NEW.id
           OR (other.account_id = NEW.account_id AND other.seq = NEW.seq)
           OR (other.shop_id = NEW.shop_id AND other.cause = NEW.cause)
    )
"""

SQLITE_UP = (
    """
    CREATE TRIGGER loyalty_entries_never_change BEFORE UPDATE ON loyalty_entries
    BEGIN SELECT RAISE(ABORT, 'a ledger entry is never changed'); END
    """,
    """
    CREATE TRIGGER loyalty_entries_never_go BEFORE DELETE ON loyalty_entries
    BEGIN SELECT RAISE(ABORT, 'a ledger entry is never deleted'); END
    """,
    f"""
    CREATE TRIGGER loyalty_entries_continue BEFORE INSERT ON loyalty_entries WHEN NOT ({FITS}) OR {TAKEN}
    BEGIN SELECT RAISE(ABORT, 'a ledger entry must continue its account'); END
    """,
)
SQLITE_DOWN = (
    "DROP TRIGGER loyalty_entries_continue",
    "DROP TRIGGER loyalty_entries_never_go",
    "DROP TRIGGER loyalty_entries_never_change",
)

POSTGRESQL_UP = (
    """
    CREATE FUNCTION loyalty_entries_stay() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'a ledger entry is never changed or deleted' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    f"""
    CREATE FUNCTION loyalty_entries_continue() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT ({FITS}) THEN
            RAISE EXCEPTION 'a ledger entry must continue its account' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER loyalty_entries_stay BEFORE UPDATE OR DELETE ON loyalty_entries
    FOR EACH ROW EXECUTE FUNCTION loyalty_entries_stay()
    """,
    """
    CREATE TRIGGER loyalty_entries_never_emptied BEFORE TRUNCATE ON loyalty_entries
    FOR EACH STATEMENT EXECUTE FUNCTION loyalty_entries_stay()
    """,
    """
    CREATE TRIGGER loyalty_entries_continue BEFORE INSERT ON loyalty_entries
    FOR EACH ROW EXECUTE FUNCTION loyalty_entries_continue()
    """,
)
POSTGRESQL_DOWN = (
    "DROP TRIGGER loyalty_entries_continue ON loyalty_entries",
    "DROP TRIGGER loyalty_entries_never_emptied ON loyalty_entries",
    "DROP TRIGGER loyalty_entries_stay ON loyalty_entries",
    "DROP FUNCTION loyalty_entries_continue()",
    "DROP FUNCTION loyalty_entries_stay()",
)


def _run(sqlite: tuple[str, ...], postgresql: tuple[str, ...]) -> None:
    for statement in sqlite if op.get_bind().dialect.name == "sqlite" else postgresql:
        op.execute(statement)


def upgrade() -> None:
    _run(SQLITE_UP, POSTGRESQL_UP)


def downgrade() -> None:
    _run(SQLITE_DOWN, POSTGRESQL_DOWN)

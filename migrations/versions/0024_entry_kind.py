"""Entries have one kind and say what happened as data; accounts count points that could not be taken back."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0025"
branch_labels = None
depends_on = None

COMMON: Final = "balance_after, order_id, system_note, actor_kind, actor_id, actor_label, meta, expires_at, created_at"
EVENT: Final = """
    CASE WHEN {kind} NOT IN ('redeem_reversed', 'earn_reversed') THEN NULL
         WHEN system_note LIKE '% cancelled' THEN 'cancelled'
         WHEN system_note LIKE '% payment failed' THEN 'payment_failed'
         WHEN system_note LIKE '% refunded in part' THEN 'partly_refunded'
         WHEN system_note LIKE '% refunded' THEN 'refunded'
    END
"""
TYPE: Final = "CASE kind WHEN 'order_earned' THEN 'earn' WHEN 'order_redeemed' THEN 'redeem' ELSE 'adjust' END"
KINDS: Final = "'order_earned', 'order_redeemed', 'redeem_reversed', 'earn_reversed', 'manual'"
INDEXES: Final = {
    "ix_loyalty_entries_shop_id_created_at": "shop_id, created_at",
    "ix_loyalty_entries_shop_id_order_id": "shop_id, order_id",
    "ix_loyalty_entries_sums": "shop_id, {kind}, created_at, points, account_id",
    "ix_loyalty_entries_actors": "shop_id, actor_kind, actor_id, {kind}, created_at, points",
}
OWED_CHECK: Final = "CONSTRAINT ck_loyalty_accounts_shortfall_not_negative CHECK (shortfall >= 0)"


def upgrade() -> None:
    op.execute(f"ALTER TABLE loyalty_accounts ADD COLUMN shortfall BIGINT DEFAULT 0 NOT NULL {OWED_CHECK}")
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(
            "kind VARCHAR(64) NOT NULL, points BIGINT NOT NULL, shortfall BIGINT DEFAULT 0 NOT NULL, "
            "event VARCHAR(64), idempotency_key VARCHAR(200) NOT NULL",
            [
                "points_not_zero CHECK (points <> 0 OR kind = 'earn_reversed')",
                f"kind_known CHECK (kind IN ({KINDS}))",
                "earn_adds CHECK (kind <> 'order_earned' OR points > 0)",
                "redeem_takes CHECK (kind <> 'order_redeemed' OR points < 0)",
            ],
            "idempotency_key",
            f"reason, points, COALESCE(json_extract(meta, '$.shortfall'), 0), {EVENT.format(kind='reason')}, cause",
            "kind, points, shortfall, event, idempotency_key",
        )
        _settle_by_hand()
        _triggers("idempotency_key")
    else:
        _upgrade_postgresql()
    op.execute(
        "UPDATE loyalty_accounts SET shortfall = (SELECT SUM(entry.shortfall) FROM loyalty_entries AS entry "
        "WHERE entry.account_id = loyalty_accounts.id) "
        "WHERE id IN (SELECT account_id FROM loyalty_entries WHERE shortfall <> 0)"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(
            "type VARCHAR(64) NOT NULL, reason VARCHAR(64) NOT NULL, points BIGINT NOT NULL, "
            "cause VARCHAR(200) NOT NULL",
            [
                "points_not_zero CHECK (points <> 0 OR reason = 'earn_reversed')",
                f"reason_known CHECK (reason IN ({KINDS}))",
                "earn_adds CHECK (type <> 'earn' OR points > 0)",
                "redeem_takes CHECK (type <> 'redeem' OR points < 0)",
                "type_known CHECK (type IN ('earn', 'redeem', 'adjust'))",
            ],
            "cause",
            f"{TYPE}, kind, points, idempotency_key",
            "type, reason, points, cause",
        )
        _triggers("cause")
    else:
        _downgrade_postgresql()
    op.drop_column("loyalty_accounts", "shortfall")


def _rebuild(columns: str, checks: list[str], key: str, values: str, names: str) -> None:
    """Make SQLite's table again with other columns, from a copy of its rows.

    The notes refer to entries: their foreign keys are checked when the transaction ends, by when all rows are back.
    """
    kind = "kind" if "kind" in names.split(", ") else "reason"
    for trigger in ("continue", "never_go", "never_change"):
        op.execute(f"DROP TRIGGER loyalty_entries_{trigger}")
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute("CREATE TEMPORARY TABLE entries_before AS SELECT * FROM loyalty_entries")
    op.execute("CREATE TEMPORARY TABLE figures AS SELECT * FROM sqlite_stat1 WHERE tbl = 'loyalty_entries'")
    op.execute("DROP TABLE loyalty_entries")
    constraints = ", ".join(
        f"CONSTRAINT {name}"
        for name in (
            *(f"ck_loyalty_entries_{check}" for check in checks),
            "ck_loyalty_entries_balance_after_not_negative CHECK (balance_after >= 0)",
            "ck_loyalty_entries_seq_positive CHECK (seq > 0)",
            "fk_loyalty_entries_shop_id_account_id FOREIGN KEY (shop_id, account_id) "
            "REFERENCES loyalty_accounts (shop_id, id)",
            "fk_loyalty_entries_shop_id_order_id FOREIGN KEY (shop_id, order_id) REFERENCES orders (shop_id, id)",
            "fk_loyalty_entries_shop_id FOREIGN KEY (shop_id) REFERENCES shops (id)",
            "uq_loyalty_entries_account_id_seq UNIQUE (account_id, seq)",
            f"uq_loyalty_entries_shop_id_{key} UNIQUE (shop_id, {key})",
            "uq_loyalty_entries_shop_id_id UNIQUE (shop_id, id)",
        )
    )
    op.execute(f"""
        CREATE TABLE loyalty_entries (
            id INTEGER NOT NULL CONSTRAINT pk_loyalty_entries PRIMARY KEY AUTOINCREMENT, account_id INTEGER NOT NULL,
            seq BIGINT NOT NULL, {columns}, balance_after BIGINT NOT NULL, order_id INTEGER,
            system_note TEXT NOT NULL, actor_kind VARCHAR(64) NOT NULL, actor_id INTEGER,
            actor_label VARCHAR(200) NOT NULL, meta JSON NOT NULL, expires_at DATETIME, created_at DATETIME NOT NULL,
            shop_id INTEGER NOT NULL, {constraints}
        )
    """)
    op.execute(
        f"INSERT INTO loyalty_entries (id, shop_id, account_id, seq, {names}, {COMMON}) "
        f"SELECT id, shop_id, account_id, seq, {values}, {COMMON} FROM entries_before ORDER BY id"
    )
    op.execute("DROP TABLE entries_before")
    for name, indexed in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON loyalty_entries ({indexed.format(kind=kind)})")
    op.execute("INSERT INTO sqlite_stat1 SELECT * FROM figures")  # what SQLite plans with went with the table
    op.execute("DROP TABLE figures")


def _triggers(key: str) -> None:
    """The ledger's own triggers once more, whose text names the unique key."""
    for statement in _ledger_triggers().SQLITE_UP:
        op.execute(statement.replace("other.cause = NEW.cause", f"other.{key} = NEW.{key}"))


def _ledger_triggers() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "ledger_triggers", Path(__file__).with_name("0002_ledger_triggers.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _upgrade_postgresql() -> None:
    for constraint in ("earn_adds", "redeem_takes", "type_known", "reason_known", "points_not_zero"):
        op.drop_constraint(op.f(f"ck_loyalty_entries_{constraint}"), "loyalty_entries")
    op.execute("ALTER TABLE loyalty_entries RENAME COLUMN reason TO kind")
    op.execute("ALTER TABLE loyalty_entries RENAME COLUMN cause TO idempotency_key")
    op.execute(
        "ALTER TABLE loyalty_entries RENAME CONSTRAINT uq_loyalty_entries_shop_id_cause "
        "TO uq_loyalty_entries_shop_id_idempotency_key"
    )
    op.execute(
        "ALTER TABLE loyalty_entries DROP COLUMN type, ADD COLUMN shortfall BIGINT DEFAULT 0 NOT NULL, "
        "ADD COLUMN event VARCHAR(64)"
    )
    op.execute("ALTER TABLE loyalty_entries DISABLE TRIGGER loyalty_entries_stay")
    op.execute(
        f"UPDATE loyalty_entries SET event = {EVENT.format(kind='kind')}, "
        "shortfall = COALESCE(CAST(meta ->> 'shortfall' AS BIGINT), 0) "
        "WHERE kind IN ('redeem_reversed', 'earn_reversed')"
    )
    _settle_by_hand()
    op.execute("ALTER TABLE loyalty_entries ENABLE TRIGGER loyalty_entries_stay")
    _add_checks(
        points_not_zero="points <> 0 OR kind = 'earn_reversed'",
        kind_known=f"kind IN ({KINDS})",
        earn_adds="kind <> 'order_earned' OR points > 0",
        redeem_takes="kind <> 'order_redeemed' OR points < 0",
    )


def _downgrade_postgresql() -> None:
    for constraint in ("earn_adds", "redeem_takes", "kind_known", "points_not_zero"):
        op.drop_constraint(op.f(f"ck_loyalty_entries_{constraint}"), "loyalty_entries")
    op.execute("ALTER TABLE loyalty_entries ADD COLUMN type VARCHAR(64)")
    op.execute("ALTER TABLE loyalty_entries DISABLE TRIGGER loyalty_entries_stay")
    op.execute(f"UPDATE loyalty_entries SET type = {TYPE}")
    op.execute("ALTER TABLE loyalty_entries ENABLE TRIGGER loyalty_entries_stay")
    op.execute("ALTER TABLE loyalty_entries ALTER COLUMN type SET NOT NULL, DROP COLUMN shortfall, DROP COLUMN event")
    op.execute(
        "ALTER TABLE loyalty_entries RENAME CONSTRAINT uq_loyalty_entries_shop_id_idempotency_key "
        "TO uq_loyalty_entries_shop_id_cause"
    )
    op.execute("ALTER TABLE loyalty_entries RENAME COLUMN idempotency_key TO cause")
    op.execute("ALTER TABLE loyalty_entries RENAME COLUMN kind TO reason")
    _add_checks(
        points_not_zero="points <> 0 OR reason = 'earn_reversed'",
        reason_known=f"reason IN ({KINDS})",
        earn_adds="type <> 'earn' OR points > 0",
        redeem_takes="type <> 'redeem' OR points < 0",
        type_known="type IN ('earn', 'redeem', 'adjust')",
    )


def _add_checks(**checks: str) -> None:
    for name, condition in checks.items():
        op.create_check_constraint(op.f(f"ck_loyalty_entries_{name}"), "loyalty_entries", condition)


def _settle_by_hand() -> None:
    """Until now a shortfall counted as dealt with once staff had taken as much away: write that down as data."""
    connection = op.get_bind()
    entries = connection.execute(
        sa.text(
            "SELECT id, account_id, points, shortfall FROM loyalty_entries "
            "WHERE account_id IN (SELECT account_id FROM loyalty_entries WHERE shortfall <> 0) "
            "AND (shortfall <> 0 OR (kind = 'manual' AND points < 0)) ORDER BY account_id, seq"
        )
    ).all()
    account, owed = None, 0
    for entry in entries:
        if entry.account_id != account:
            account, owed = entry.account_id, 0
        settled = min(owed, -entry.points) if entry.shortfall == 0 else 0
        owed += entry.shortfall - settled
        if settled:
            connection.execute(
                sa.text("UPDATE loyalty_entries SET shortfall = :settled WHERE id = :id"),
                {"settled": -settled, "id": entry.id},
            )

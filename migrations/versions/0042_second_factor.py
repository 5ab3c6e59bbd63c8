"""Second factors of staff: authenticator apps, recovery codes, passkeys."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0033"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create(
        "staff_totps",
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("confirmed_at", TIME, nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("staff_user_id", name=op.f("uq_staff_totps_staff_user_id")),
    )
    _create(
        "staff_recovery_codes",
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        sa.UniqueConstraint("code_hash", name=op.f("uq_staff_recovery_codes_code_hash")),
    )
    _create(
        "staff_passkeys",
        sa.Column("host", sa.String(200), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("last_used_at", TIME, nullable=True),
        sa.UniqueConstraint("credential_id", name=op.f("uq_staff_passkeys_credential_id")),
    )
    for table in ("staff_recovery_codes", "staff_passkeys"):
        op.create_index(f"ix_{table}_staff_user_id", table, ["staff_user_id"])


def downgrade() -> None:
    for table in ("staff_passkeys", "staff_recovery_codes", "staff_totps"):
        op.drop_table(table)


def _create(name: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        sa.Column("id", BIG, nullable=False),
        sa.Column("staff_user_id", BIG, nullable=False),
        *parts,
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["staff_user_id"], ["staff_users.id"], name=op.f(f"fk_{name}_staff_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sqlite_autoincrement=True,
    )

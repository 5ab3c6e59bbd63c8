"""All tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shops",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shops")),
        sa.UniqueConstraint("slug", name=op.f("uq_shops_slug")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "staff_users",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("session_version", sa.Integer(), nullable=False),
        sa.Column("last_signed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_users")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_users_email")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("consumer_key", sa.String(length=64), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("may_read", sa.Boolean(), nullable=False),
        sa.Column("may_write", sa.Boolean(), nullable=False),
        sa.Column("rate_limit_per_minute", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("rate_limit_per_minute BETWEEN 1 AND 10000", name=op.f("ck_api_keys_rate_limit_in_range")),
        sa.ForeignKeyConstraint(["created_by_id"], ["staff_users.id"], name=op.f("fk_api_keys_created_by_id")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_api_keys_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("consumer_key", name=op.f("uq_api_keys_consumer_key")),
        sa.UniqueConstraint("shop_id", "id", name=op.f("uq_api_keys_shop_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("actor_kind", sa.String(length=64), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("actor_label", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("old_value", sa.Text(), nullable=True),
        sa.Column("new_value", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_audit_entries_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_audit_entries_shop_id_id"), "audit_entries", ["shop_id", "id"], unique=False)
    op.create_index(op.f("ix_audit_entries_shop_id_subject"), "audit_entries", ["shop_id", "subject"], unique=False)
    op.create_table(
        "coupons",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("usage_limit", sa.Integer(), nullable=True),
        sa.Column("usage_count", sa.Integer(), nullable=False),
        sa.Column("min_purchase_cents", sa.BigInteger(), nullable=False),
        sa.Column("start_date", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_date", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('active', 'inactive')", name=op.f("ck_coupons_status_known")),
        sa.CheckConstraint("type <> 'percentage' OR value <= 10000", name=op.f("ck_coupons_percentage_in_range")),
        sa.CheckConstraint("type IN ('percentage', 'fixed')", name=op.f("ck_coupons_type_known")),
        sa.CheckConstraint("code = upper(code)", name=op.f("ck_coupons_code_upper")),
        sa.CheckConstraint("min_purchase_cents >= 0", name=op.f("ck_coupons_min_purchase_cents_not_negative")),
        sa.CheckConstraint("usage_count >= 0", name=op.f("ck_coupons_usage_count_not_negative")),
        sa.CheckConstraint("usage_limit IS NULL OR usage_count <= usage_limit", name=op.f("ck_coupons_within_limit")),
        sa.CheckConstraint("value >= 0", name=op.f("ck_coupons_value_not_negative")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_coupons_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupons")),
        sa.UniqueConstraint("shop_id", "code", name=op.f("uq_coupons_shop_id_code")),
        sa.UniqueConstraint("shop_id", "id", name=op.f("uq_coupons_shop_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "customers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("first_name", sa.String(length=200), nullable=False),
        sa.Column("last_name", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("total_orders", sa.Integer(), nullable=False),
        sa.Column("total_spent_cents", sa.BigInteger(), nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("total_orders >= 0", name=op.f("ck_customers_total_orders_not_negative")),
        sa.CheckConstraint("total_spent_cents >= 0", name=op.f("ck_customers_total_spent_cents_not_negative")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_customers_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
        sa.UniqueConstraint("shop_id", "email", name=op.f("uq_customers_shop_id_email")),
        sa.UniqueConstraint("shop_id", "id", name=op.f("uq_customers_shop_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_customers_shop_id_phone"), "customers", ["shop_id", "phone"], unique=False)
    op.create_index(
        op.f("ix_customers_shop_id_total_spent_cents"), "customers", ["shop_id", "total_spent_cents"], unique=False
    )
    op.create_table(
        "idempotency_records",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("caller", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("state IN ('running', 'done')", name=op.f("ck_idempotency_records_state_known")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_idempotency_records_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_records")),
        sa.UniqueConstraint("shop_id", "caller", "key", name=op.f("uq_idempotency_records_shop_id_caller_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_idempotency_records_expires_at"), "idempotency_records", ["expires_at"], unique=False)
    op.create_table(
        "memberships",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("staff_user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("role IN ('owner', 'manager', 'clerk')", name=op.f("ck_memberships_role_known")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_memberships_shop_id")),
        sa.ForeignKeyConstraint(["staff_user_id"], ["staff_users.id"], name=op.f("fk_memberships_staff_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
        sa.UniqueConstraint("shop_id", "staff_user_id", name=op.f("uq_memberships_shop_id_staff_user_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_memberships_staff_user_id"), "memberships", ["staff_user_id"], unique=False)
    op.create_table(
        "outbox_messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=True),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'dropped')", name=op.f("ck_outbox_messages_state_known")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_outbox_messages_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_messages")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_outbox_messages_shop_id_id"), "outbox_messages", ["shop_id", "id"], unique=False)
    op.create_index(op.f("ix_outbox_messages_state_due_at"), "outbox_messages", ["state", "due_at"], unique=False)
    op.create_table(
        "payment_methods",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("config", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_payment_methods_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_methods")),
        sa.UniqueConstraint("shop_id", "code", name=op.f("uq_payment_methods_shop_id_code")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "products",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("slug", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("price_cents", sa.BigInteger(), nullable=False),
        sa.Column("sale_price_cents", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("stock_quantity", sa.Integer(), nullable=True),
        sa.Column("images", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('active', 'draft')", name=op.f("ck_products_status_known")),
        sa.CheckConstraint("price_cents >= 0", name=op.f("ck_products_price_cents_not_negative")),
        sa.CheckConstraint("sale_price_cents >= 0", name=op.f("ck_products_sale_price_cents_not_negative")),
        sa.CheckConstraint("stock_quantity >= 0", name=op.f("ck_products_stock_quantity_not_negative")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_products_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint("shop_id", "id", name=op.f("uq_products_shop_id_id")),
        sa.UniqueConstraint("shop_id", "slug", name=op.f("uq_products_shop_id_slug")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "rate_windows",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bucket", sa.String(length=200), nullable=False),
        sa.Column("hits", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_rate_windows_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate_windows")),
        sa.UniqueConstraint("shop_id", "bucket", name=op.f("uq_rate_windows_shop_id_bucket")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_rate_windows_expires_at"), "rate_windows", ["expires_at"], unique=False)
    op.create_table(
        "shipping_methods",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("cost_cents", sa.BigInteger(), nullable=False),
        sa.Column("free_above_cents", sa.BigInteger(), nullable=True),
        sa.Column("countries", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("type IN ('flat_rate', 'free_above')", name=op.f("ck_shipping_methods_type_known")),
        sa.CheckConstraint("cost_cents >= 0", name=op.f("ck_shipping_methods_cost_cents_not_negative")),
        sa.CheckConstraint("free_above_cents >= 0", name=op.f("ck_shipping_methods_free_above_cents_not_negative")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_shipping_methods_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipping_methods")),
        sa.UniqueConstraint("shop_id", "id", name=op.f("uq_shipping_methods_shop_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_shipping_methods_shop_id_position"), "shipping_methods", ["shop_id", "position"], unique=False
    )
    op.create_table(
        "shop_hosts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("host", sa.String(length=200), nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_shop_hosts_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_hosts")),
        sa.UniqueConstraint("host", name=op.f("uq_shop_hosts_host")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "shop_settings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_shop_settings_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_settings")),
        sa.UniqueConstraint("shop_id", "key", name=op.f("uq_shop_settings_shop_id_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "addresses",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("address1", sa.String(length=200), nullable=False),
        sa.Column("address2", sa.String(length=200), nullable=False),
        sa.Column("city", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=200), nullable=False),
        sa.Column("zip", sa.String(length=64), nullable=False),
        sa.Column("country", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("type IN ('shipping', 'billing')", name=op.f("ck_addresses_type_known")),
        sa.ForeignKeyConstraint(
            ["shop_id", "customer_id"],
            ["customers.shop_id", "customers.id"],
            name=op.f("fk_addresses_shop_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_addresses_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addresses")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_addresses_customer_id"), "addresses", ["customer_id"], unique=False)
    op.create_table(
        "customer_notes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("author_label", sa.String(length=200), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id", "customer_id"],
            ["customers.shop_id", "customers.id"],
            name=op.f("fk_customer_notes_shop_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_customer_notes_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_notes")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_customer_notes_customer_id"), "customer_notes", ["customer_id"], unique=False)
    op.create_table(
        "loyalty_accounts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("points_balance", sa.BigInteger(), nullable=False),
        sa.Column("lifetime_earned", sa.BigInteger(), nullable=False),
        sa.Column("entries_count", sa.BigInteger(), nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("entries_count >= 0", name=op.f("ck_loyalty_accounts_entries_count_not_negative")),
        sa.CheckConstraint("lifetime_earned >= 0", name=op.f("ck_loyalty_accounts_lifetime_earned_not_negative")),
        sa.CheckConstraint("points_balance >= 0", name=op.f("ck_loyalty_accounts_points_balance_not_negative")),
        sa.ForeignKeyConstraint(
            ["shop_id", "customer_id"],
            ["customers.shop_id", "customers.id"],
            name=op.f("fk_loyalty_accounts_shop_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_loyalty_accounts_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_accounts")),
        sa.UniqueConstraint("shop_id", "customer_id", name=op.f("uq_loyalty_accounts_shop_id_customer_id")),
        sa.UniqueConstraint("shop_id", "id", name=op.f("uq_loyalty_accounts_shop_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_loyalty_accounts_shop_id_points_balance"),
        "loyalty_accounts",
        ["shop_id", "points_balance"],
        unique=False,
    )
    op.create_table(
        "loyalty_registrations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("full_name", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("rejection_reason", sa.Text(), nullable=True),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'approved', 'rejected')", name=op.f("ck_loyalty_registrations_status_known")
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "customer_id"],
            ["customers.shop_id", "customers.id"],
            name=op.f("fk_loyalty_registrations_shop_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_loyalty_registrations_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_registrations")),
        sa.UniqueConstraint("shop_id", "customer_id", name=op.f("uq_loyalty_registrations_shop_id_customer_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_loyalty_registrations_shop_id_status_id"),
        "loyalty_registrations",
        ["shop_id", "status", "id"],
        unique=False,
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_number", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("payment_status", sa.String(length=64), nullable=False),
        sa.Column("payment_method", sa.String(length=200), nullable=True),
        sa.Column("payment_method_code", sa.String(length=64), nullable=True),
        sa.Column("subtotal_cents", sa.BigInteger(), nullable=False),
        sa.Column("shipping_cents", sa.BigInteger(), nullable=False),
        sa.Column("tax_cents", sa.BigInteger(), nullable=False),
        sa.Column("discount_cents", sa.BigInteger(), nullable=False),
        sa.Column("coupon_discount_cents", sa.BigInteger(), nullable=False),
        sa.Column("points_discount_cents", sa.BigInteger(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("refunded_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=64), nullable=False),
        sa.Column("coupon_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("coupon_code", sa.String(length=64), nullable=True),
        sa.Column("coupon_returned", sa.Boolean(), nullable=False),
        sa.Column("shipping_method", sa.String(length=200), nullable=True),
        sa.Column("points_redeemed", sa.BigInteger(), nullable=False),
        sa.Column("points_returned", sa.BigInteger(), nullable=False),
        sa.Column("points_earned", sa.BigInteger(), nullable=False),
        sa.Column("points_taken_back", sa.BigInteger(), nullable=False),
        sa.Column("loyalty_rules", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("stock_returned", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("api_label", sa.String(length=200), nullable=True),
        sa.Column("payment_token_hash", sa.String(length=64), nullable=True),
        sa.Column("order_date", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "payment_status IN ('pending', 'paid', 'failed', 'refunded')", name=op.f("ck_orders_payment_status_known")
        ),
        sa.CheckConstraint("source IN ('api', 'admin', 'storefront')", name=op.f("ck_orders_source_known")),
        sa.CheckConstraint(
            "status IN ('pending', 'processing', 'completed', 'cancelled')", name=op.f("ck_orders_status_known")
        ),
        sa.CheckConstraint(
            "coupon_discount_cents + points_discount_cents <= discount_cents", name=op.f("ck_orders_discount_parts")
        ),
        sa.CheckConstraint("coupon_discount_cents >= 0", name=op.f("ck_orders_coupon_discount_cents_not_negative")),
        sa.CheckConstraint("discount_cents >= 0", name=op.f("ck_orders_discount_cents_not_negative")),
        sa.CheckConstraint("points_discount_cents >= 0", name=op.f("ck_orders_points_discount_cents_not_negative")),
        sa.CheckConstraint("points_earned >= 0", name=op.f("ck_orders_points_earned_not_negative")),
        sa.CheckConstraint("points_redeemed >= 0", name=op.f("ck_orders_points_redeemed_not_negative")),
        sa.CheckConstraint(
            "points_returned BETWEEN 0 AND points_redeemed", name=op.f("ck_orders_returned_within_redeemed")
        ),
        sa.CheckConstraint(
            "points_taken_back BETWEEN 0 AND points_earned", name=op.f("ck_orders_taken_back_within_earned")
        ),
        sa.CheckConstraint("refunded_cents <= total_cents", name=op.f("ck_orders_refund_within_total")),
        sa.CheckConstraint("refunded_cents >= 0", name=op.f("ck_orders_refunded_cents_not_negative")),
        sa.CheckConstraint("shipping_cents >= 0", name=op.f("ck_orders_shipping_cents_not_negative")),
        sa.CheckConstraint("subtotal_cents >= 0", name=op.f("ck_orders_subtotal_cents_not_negative")),
        sa.CheckConstraint("tax_cents >= 0", name=op.f("ck_orders_tax_cents_not_negative")),
        sa.CheckConstraint(
            "total_cents = subtotal_cents + shipping_cents + tax_cents - discount_cents",
            name=op.f("ck_orders_amounts_add_up"),
        ),
        sa.CheckConstraint("total_cents >= 0", name=op.f("ck_orders_total_cents_not_negative")),
        sa.ForeignKeyConstraint(
            ["shop_id", "coupon_id"], ["coupons.shop_id", "coupons.id"], name=op.f("fk_orders_shop_id_coupon_id")
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "customer_id"],
            ["customers.shop_id", "customers.id"],
            name=op.f("fk_orders_shop_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_orders_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("shop_id", "id", name=op.f("uq_orders_shop_id_id")),
        sa.UniqueConstraint("shop_id", "order_number", name=op.f("uq_orders_shop_id_order_number")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_orders_shop_id_customer_id_id"), "orders", ["shop_id", "customer_id", "id"], unique=False)
    op.create_index(op.f("ix_orders_shop_id_status_id"), "orders", ["shop_id", "status", "id"], unique=False)
    op.create_table(
        "otp_challenges",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject_hash", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("tries BETWEEN 0 AND 5", name=op.f("ck_otp_challenges_tries_bounded")),
        sa.ForeignKeyConstraint(
            ["shop_id", "customer_id"],
            ["customers.shop_id", "customers.id"],
            name=op.f("fk_otp_challenges_shop_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_otp_challenges_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_otp_challenges")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_otp_challenges_created_at"), "otp_challenges", ["created_at"], unique=False)
    op.create_index(
        op.f("ix_otp_challenges_shop_id_customer_id"), "otp_challenges", ["shop_id", "customer_id"], unique=False
    )
    op.create_index(
        op.f("ix_otp_challenges_shop_id_subject_hash_id"),
        "otp_challenges",
        ["shop_id", "subject_hash", "id"],
        unique=False,
    )
    op.create_table(
        "variants",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("price_cents", sa.BigInteger(), nullable=False),
        sa.Column("sale_price_cents", sa.BigInteger(), nullable=True),
        sa.Column("stock_quantity", sa.Integer(), nullable=True),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("price_cents >= 0", name=op.f("ck_variants_price_cents_not_negative")),
        sa.CheckConstraint("sale_price_cents >= 0", name=op.f("ck_variants_sale_price_cents_not_negative")),
        sa.CheckConstraint("stock_quantity >= 0", name=op.f("ck_variants_stock_quantity_not_negative")),
        sa.ForeignKeyConstraint(
            ["shop_id", "product_id"], ["products.shop_id", "products.id"], name=op.f("fk_variants_shop_id_product_id")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_variants_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variants")),
        sa.UniqueConstraint("shop_id", "id", name=op.f("uq_variants_shop_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_variants_product_id"), "variants", ["product_id"], unique=False)
    op.create_table(
        "loyalty_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("balance_after", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.String(length=200), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("system_note", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.String(length=64), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("actor_label", sa.String(length=200), nullable=False),
        sa.Column("meta", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("points <> 0 OR reason = 'earn_reversed'", name=op.f("ck_loyalty_entries_points_not_zero")),
        sa.CheckConstraint(
            "reason IN ('order_earned', 'order_redeemed', 'redeem_reversed', 'earn_reversed', 'manual')",
            name=op.f("ck_loyalty_entries_reason_known"),
        ),
        sa.CheckConstraint("type <> 'earn' OR points > 0", name=op.f("ck_loyalty_entries_earn_adds")),
        sa.CheckConstraint("type <> 'redeem' OR points < 0", name=op.f("ck_loyalty_entries_redeem_takes")),
        sa.CheckConstraint("type IN ('earn', 'redeem', 'adjust')", name=op.f("ck_loyalty_entries_type_known")),
        sa.CheckConstraint("balance_after >= 0", name=op.f("ck_loyalty_entries_balance_after_not_negative")),
        sa.CheckConstraint("seq > 0", name=op.f("ck_loyalty_entries_seq_positive")),
        sa.ForeignKeyConstraint(
            ["shop_id", "account_id"],
            ["loyalty_accounts.shop_id", "loyalty_accounts.id"],
            name=op.f("fk_loyalty_entries_shop_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id"], ["orders.shop_id", "orders.id"], name=op.f("fk_loyalty_entries_shop_id_order_id")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_loyalty_entries_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_entries")),
        sa.UniqueConstraint("account_id", "seq", name=op.f("uq_loyalty_entries_account_id_seq")),
        sa.UniqueConstraint("shop_id", "cause", name=op.f("uq_loyalty_entries_shop_id_cause")),
        sa.UniqueConstraint("shop_id", "id", name=op.f("uq_loyalty_entries_shop_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_loyalty_entries_shop_id_created_at"), "loyalty_entries", ["shop_id", "created_at"], unique=False
    )
    op.create_index(
        op.f("ix_loyalty_entries_shop_id_order_id"), "loyalty_entries", ["shop_id", "order_id"], unique=False
    )
    op.create_table(
        "order_addresses",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("city", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=200), nullable=False),
        sa.Column("zip", sa.String(length=64), nullable=False),
        sa.Column("country", sa.String(length=200), nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id"], ["orders.shop_id", "orders.id"], name=op.f("fk_order_addresses_shop_id_order_id")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_order_addresses_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_addresses")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_order_addresses_order_id"), "order_addresses", ["order_id"], unique=False)
    op.create_table(
        "order_items",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("price_cents", sa.BigInteger(), nullable=False),
        sa.Column("took_stock", sa.Boolean(), nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("price_cents >= 0", name=op.f("ck_order_items_price_cents_not_negative")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_items_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id"], ["orders.shop_id", "orders.id"], name=op.f("fk_order_items_shop_id_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "product_id"],
            ["products.shop_id", "products.id"],
            name=op.f("fk_order_items_shop_id_product_id"),
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "variant_id"],
            ["variants.shop_id", "variants.id"],
            name=op.f("fk_order_items_shop_id_variant_id"),
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_order_items_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_items")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_order_items_order_id"), "order_items", ["order_id"], unique=False)
    op.create_table(
        "order_notes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id"], ["orders.shop_id", "orders.id"], name=op.f("fk_order_notes_shop_id_order_id")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_order_notes_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_notes")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_order_notes_order_id"), "order_notes", ["order_id"], unique=False)
    op.create_table(
        "order_transactions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(length=200), nullable=True),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("kind IN ('payment', 'refund')", name=op.f("ck_order_transactions_kind_known")),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_order_transactions_amount_cents_not_negative")),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id"],
            ["orders.shop_id", "orders.id"],
            name=op.f("fk_order_transactions_shop_id_order_id"),
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_order_transactions_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_transactions")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_order_transactions_order_id"), "order_transactions", ["order_id"], unique=False)
    op.create_table(
        "redemption_tokens",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(used_at IS NULL) = (order_id IS NULL)", name=op.f("ck_redemption_tokens_used_for_an_order")
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "customer_id"],
            ["customers.shop_id", "customers.id"],
            name=op.f("fk_redemption_tokens_shop_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id"], ["orders.shop_id", "orders.id"], name=op.f("fk_redemption_tokens_shop_id_order_id")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_redemption_tokens_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redemption_tokens")),
        sa.UniqueConstraint("order_id", name=op.f("uq_redemption_tokens_order_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_redemption_tokens_token_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_redemption_tokens_shop_id_customer_id"), "redemption_tokens", ["shop_id", "customer_id"], unique=False
    )
    op.create_table(
        "loyalty_entry_notes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id", "entry_id"],
            ["loyalty_entries.shop_id", "loyalty_entries.id"],
            name=op.f("fk_loyalty_entry_notes_shop_id_entry_id"),
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_loyalty_entry_notes_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_entry_notes")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_loyalty_entry_notes_entry_id")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("loyalty_entry_notes")
    op.drop_index(op.f("ix_redemption_tokens_shop_id_customer_id"), table_name="redemption_tokens")
    op.drop_table("redemption_tokens")
    op.drop_index(op.f("ix_order_transactions_order_id"), table_name="order_transactions")
    op.drop_table("order_transactions")
    op.drop_index(op.f("ix_order_notes_order_id"), table_name="order_notes")
    op.drop_table("order_notes")
    op.drop_index(op.f("ix_order_items_order_id"), table_name="order_items")
    op.drop_table("order_items")
    op.drop_index(op.f("ix_order_addresses_order_id"), table_name="order_addresses")
    op.drop_table("order_addresses")
    op.drop_index(op.f("ix_loyalty_entries_shop_id_order_id"), table_name="loyalty_entries")
    op.drop_index(op.f("ix_loyalty_entries_shop_id_created_at"), table_name="loyalty_entries")
    op.drop_table("loyalty_entries")
    op.drop_index(op.f("ix_variants_product_id"), table_name="variants")
    op.drop_table("variants")
    op.drop_index(op.f("ix_otp_challenges_shop_id_subject_hash_id"), table_name="otp_challenges")
    op.drop_index(op.f("ix_otp_challenges_shop_id_customer_id"), table_name="otp_challenges")
    op.drop_index(op.f("ix_otp_challenges_created_at"), table_name="otp_challenges")
    op.drop_table("otp_challenges")
    op.drop_index(op.f("ix_orders_shop_id_status_id"), table_name="orders")
    op.drop_index(op.f("ix_orders_shop_id_customer_id_id"), table_name="orders")
    op.drop_table("orders")
    op.drop_index(op.f("ix_loyalty_registrations_shop_id_status_id"), table_name="loyalty_registrations")
    op.drop_table("loyalty_registrations")
    op.drop_index(op.f("ix_loyalty_accounts_shop_id_points_balance"), table_name="loyalty_accounts")
    op.drop_table("loyalty_accounts")
    op.drop_index(op.f("ix_customer_notes_customer_id"), table_name="customer_notes")
    op.drop_table("customer_notes")
    op.drop_index(op.f("ix_addresses_customer_id"), table_name="addresses")
    op.drop_table("addresses")
    op.drop_table("shop_settings")
    op.drop_table("shop_hosts")
    op.drop_index(op.f("ix_shipping_methods_shop_id_position"), table_name="shipping_methods")
    op.drop_table("shipping_methods")
    op.drop_index(op.f("ix_rate_windows_expires_at"), table_name="rate_windows")
    op.drop_table("rate_windows")
    op.drop_table("products")
    op.drop_table("payment_methods")
    op.drop_index(op.f("ix_outbox_messages_state_due_at"), table_name="outbox_messages")
    op.drop_index(op.f("ix_outbox_messages_shop_id_id"), table_name="outbox_messages")
    op.drop_table("outbox_messages")
    op.drop_index(op.f("ix_memberships_staff_user_id"), table_name="memberships")
    op.drop_table("memberships")
    op.drop_index(op.f("ix_idempotency_records_expires_at"), table_name="idempotency_records")
    op.drop_table("idempotency_records")
    op.drop_index(op.f("ix_customers_shop_id_total_spent_cents"), table_name="customers")
    op.drop_index(op.f("ix_customers_shop_id_phone"), table_name="customers")
    op.drop_table("customers")
    op.drop_table("coupons")
    op.drop_index(op.f("ix_audit_entries_shop_id_subject"), table_name="audit_entries")
    op.drop_index(op.f("ix_audit_entries_shop_id_id"), table_name="audit_entries")
    op.drop_table("audit_entries")
    op.drop_table("api_keys")
    op.drop_table("staff_users")
    op.drop_table("shops")

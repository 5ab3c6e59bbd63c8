"""The catalogue: categories, tags, pictures, barcodes, branches and stock movements.

`draft` products become `hidden`. Of several products or variants with the same SKU the first keeps it; each other one
gets a suffix, and a product keeps what it had in its metadata as `former_sku`. The addresses in `images` become rows.
The stock that is there becomes an opening movement of the default branch.

On SQLite the CHECK of the statuses is changed in the schema's text, as https://sqlite.org/lang_altertable.html
describes: the table is not made anew.
"""

import logging

import sqlalchemy as sa
from alembic import op

from shop.domain.text.search import normalize_search

revision = "0110"
down_revision = "0120"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON().with_variant(sa.dialects.postgresql.JSONB(), "postgresql")
Bytes = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Time = sa.DateTime(timezone=True)
LOG = logging.getLogger("alembic.runtime.migration")
BATCH = 5_000
CHECK = "ck_products_status_known"
BEFORE, AFTER = "status IN ('active', 'draft')", "status IN ('active', 'hidden', 'archived')"
INDEXES = (["status", "id"], ["sort_name", "id"], ["price_cents", "id"], ["stock_quantity", "id"], ["updated_at", "id"])
KINDS = "'opening', 'sale', 'cancellation', 'adjustment', 'import'"
NOW = "CURRENT_TIMESTAMP"
PRODUCTS = sa.table(
    "products",
    *(sa.column(n) for n in ("id", "shop_id", "name", "sku", "search_text")),
    sa.column("metadata", Json),
    sa.column("images", Json),
)
VARIANTS = sa.table("variants", *(sa.column(n) for n in ("id", "shop_id", "product_id", "sku")))
IMAGES = sa.table(
    "product_images",
    *(sa.column(n) for n in ("id", "shop_id", "product_id", "position", "alt", "url", "digest", "width", "height")),
    sa.column("created_at", Time),
)


def upgrade() -> None:
    _add_columns()
    _create_tables()
    _change_statuses(BEFORE, AFTER, "UPDATE products SET status = 'hidden' WHERE status = 'draft'")
    _make_skus_unique(PRODUCTS)
    _make_skus_unique(VARIANTS)
    _move_images_to_rows()
    _write_search_texts()
    _create_indexes()
    _open_stock()


def _add_columns() -> None:
    for table, name, kind in (
        ("products", "cost_cents", "BIGINT"),
        ("products", "low_stock_at", "INTEGER"),
    ):
        check = f"CONSTRAINT ck_{table}_{name}_not_negative CHECK ({name} >= 0)"
        op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind} {check}")
    for table in ("products", "variants"):
        op.add_column(table, sa.Column("barcode", sa.String(64), nullable=False, server_default=""))
    for name in ("sale_starts_at", "sale_ends_at"):
        op.add_column("products", sa.Column(name, Time, nullable=True))
    op.add_column("products", sa.Column("tax_class", sa.String(64), nullable=False, server_default=""))
    op.add_column("products", sa.Column("external_id", sa.String(200), nullable=True))
    op.add_column("products", sa.Column("metadata", Json, nullable=False, server_default="{}"))
    op.add_column("products", sa.Column("search_text", sa.Text(), nullable=False, server_default=""))
    op.add_column("variants", sa.Column("options", Json, nullable=False, server_default="{}"))
    op.add_column("variants", sa.Column("position", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("variants", sa.Column("is_archived", sa.Boolean(), nullable=False, server_default=sa.false()))
    stored = op.get_bind().dialect.name == "postgresql"  # SQLite can add only virtual columns
    computed = sa.Computed("substr(search_text, 1, 100)", persisted=stored)
    op.add_column("products", sa.Column("sort_name", Bytes, computed, nullable=False))


def _create_tables() -> None:
    op.create_table(
        "categories",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("slug", sa.String(200), nullable=False),
        sa.Column("parent_id", BigId, nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("updated_at", Time, nullable=False),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_categories_not_its_own_parent")),
        sa.UniqueConstraint("shop_id", "slug", name=op.f("uq_categories_shop_id_slug")),
        sa.UniqueConstraint("shop_id", "id", name=op.f("uq_categories_shop_id_id")),
        *_owned("categories", parent_id="categories"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_categories_shop_id_parent_id"), "categories", ["shop_id", "parent_id"])
    op.create_table(
        "product_categories",
        sa.Column("id", BigId, nullable=False),
        sa.Column("product_id", BigId, nullable=False),
        sa.Column("category_id", BigId, nullable=False),
        sa.UniqueConstraint(
            "shop_id", "category_id", "product_id", name=op.f("uq_product_categories_shop_id_category_id_product_id")
        ),
        *_owned("product_categories", product_id="products", category_id="categories"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "product_tags",
        sa.Column("id", BigId, nullable=False),
        sa.Column("product_id", BigId, nullable=False),
        sa.Column("tag", sa.String(64), nullable=False),
        sa.UniqueConstraint("shop_id", "tag", "product_id", name=op.f("uq_product_tags_shop_id_tag_product_id")),
        *_owned("product_tags", product_id="products"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "product_images",
        sa.Column("id", BigId, nullable=False),
        sa.Column("product_id", BigId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("alt", sa.String(200), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("digest", sa.String(64), nullable=True),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.CheckConstraint("(url IS NULL) <> (digest IS NULL)", name=op.f("ck_product_images_url_or_file")),
        *_owned("product_images", product_id="products"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_product_images_shop_id_digest"), "product_images", ["shop_id", "digest"])
    for table in ("product_categories", "product_tags", "product_images"):
        op.create_index(op.f(f"ix_{table}_product_id"), table, ["product_id"])
    op.create_table(
        "branches",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.UniqueConstraint("shop_id", "id", name=op.f("uq_branches_shop_id_id")),
        *_owned("branches"),
        sqlite_autoincrement=True,
    )
    default = sa.text("is_default")
    op.create_index(
        "uq_branches_shop_id_default",
        "branches",
        ["shop_id"],
        unique=True,
        sqlite_where=default,
        postgresql_where=default,
    )
    op.create_table(
        "stock_movements",
        sa.Column("id", BigId, nullable=False),
        sa.Column("branch_id", BigId, nullable=False),
        sa.Column("product_id", BigId, nullable=False),
        sa.Column("variant_id", BigId, nullable=True),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("quantity_after", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("order_id", BigId, nullable=True),
        sa.Column("actor_kind", sa.String(64), nullable=False),
        sa.Column("actor_id", BigId, nullable=True),
        sa.Column("actor_label", sa.String(200), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_stock_movements_kind_known")),
        *_owned("stock_movements", product_id="products", variant_id="variants", branch_id="branches"),
        sqlite_autoincrement=True,
    )
    columns = ["shop_id", "product_id", "variant_id", "id"]
    op.create_index(op.f(f"ix_stock_movements_{'_'.join(columns)}"), "stock_movements", columns)


def _owned(table: str, **references: str) -> list[sa.schema.SchemaItem]:
    keys = [
        sa.ForeignKeyConstraint(
            ["shop_id", column], [f"{other}.shop_id", f"{other}.id"], name=op.f(f"fk_{table}_shop_id_{column}")
        )
        for column, other in references.items()
    ]
    return [
        sa.Column("shop_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f(f"fk_{table}_shop_id")),
        *keys,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _change_statuses(before: str, after: str, fill: str) -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.drop_constraint(op.f(CHECK), "products")
        op.execute(fill)
        op.create_check_constraint(op.f(CHECK), "products", after)
        return
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    connection.execute(
        sa.text(
            "UPDATE sqlite_schema SET sql = replace(sql, :before, :after) WHERE type = 'table' AND name = 'products'"
        ),
        {"before": before, "after": after},
    )
    connection.execute(sa.text(f"PRAGMA schema_version = {version + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema = OFF"))
    op.execute(fill)


def _make_skus_unique(table: sa.TableClause) -> None:
    c, connection = table.c, op.get_bind()
    several = sa.select(c.shop_id, c.sku).where(c.sku != "").group_by(c.shop_id, c.sku).having(sa.func.count() > 1)
    for shop_id, sku in connection.execute(several).all():
        taken = set(connection.execute(sa.select(c.sku).where(c.shop_id == shop_id)).scalars())
        same = sa.select(c.id).where(c.shop_id == shop_id, c.sku == sku).order_by(c.id).offset(1)
        number = 1
        for row_id in (
            connection.execute(same.limit(-1 if connection.dialect.name == "sqlite" else None)).scalars().all()
        ):
            while (new := f"{sku[:56]}-{number}") in taken:
                number += 1
            taken.add(new)
            values = {"sku": new} | ({"metadata": {"former_sku": sku}} if table is PRODUCTS else {})
            connection.execute(sa.update(table).where(c.id == row_id).values(values))
            LOG.warning("%s %s: another one has the SKU %s; it is %s now.", table.name, row_id, sku, new)


def _move_images_to_rows() -> None:
    c, connection = PRODUCTS.c, op.get_bind()
    now = connection.execute(sa.select(sa.func.current_timestamp(type_=Time))).scalar_one()
    last = 0
    while rows := connection.execute(
        sa.select(c.id, c.shop_id, c.images).where(c.id > last).order_by(c.id).limit(BATCH)
    ).all():
        found = [
            {"shop_id": row.shop_id, "product_id": row.id, "position": place, "alt": "", "url": str(url)}
            | {"width": 0, "height": 0, "created_at": now}
            for row in rows
            for place, url in enumerate(row.images or [])
        ]
        if found:
            connection.execute(sa.insert(IMAGES), found)
        last = rows[-1].id
    op.drop_column("products", "images")


def _write_search_texts() -> None:
    """The name, the SKU and those of the variants, normalised."""
    c, v, connection = PRODUCTS.c, VARIANTS.c, op.get_bind()
    change = sa.update(PRODUCTS).where(c.id == sa.bindparam("key")).values(search_text=sa.bindparam("text"))
    last = 0
    while rows := connection.execute(
        sa.select(c.id, c.name, c.sku).where(c.id > last).order_by(c.id).limit(BATCH)
    ).all():
        codes: dict[int, list[str]] = {}
        of_them = v.product_id.between(rows[0].id, rows[-1].id)
        for product_id, sku in connection.execute(sa.select(v.product_id, v.sku).where(of_them).order_by(v.id)):
            codes.setdefault(product_id, []).append(sku)
        texts = [(row.id, normalize_search(" ".join([row.name, row.sku, *codes.get(row.id, [])]))) for row in rows]
        connection.execute(change, [{"key": key, "text": f" {text} "} for key, text in texts])
        last = rows[-1].id


def _create_indexes() -> None:
    for columns in INDEXES:
        op.create_index(op.f(f"ix_products_shop_id_{'_'.join(columns)}"), "products", ["shop_id", *columns])
    for table in ("products", "variants"):
        for column in ("sku", "barcode"):
            given = sa.text(f"{column} <> ''")
            name = f"uq_{table}_shop_id_{column}"
            op.create_index(name, table, ["shop_id", column], unique=True, sqlite_where=given, postgresql_where=given)
    op.create_index(op.f("uq_products_shop_id_external_id"), "products", ["shop_id", "external_id"], unique=True)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE INDEX ix_products_search_text ON products USING gin (search_text gin_trgm_ops)")


def _open_stock() -> None:
    op.execute(
        "INSERT INTO branches (shop_id, name, is_default, created_at) "
        f"SELECT id, 'Main branch', {_true()}, {NOW} FROM shops"
    )
    for table, product, variant in (("products", "id", "NULL"), ("variants", "product_id", "id")):
        op.execute(
            "INSERT INTO stock_movements (shop_id, branch_id, product_id, variant_id, change, quantity_after, kind, "
            "reason, actor_kind, actor_label, created_at) "
            f"SELECT t.shop_id, b.id, t.{product}, {'NULL' if variant == 'NULL' else f't.{variant}'}, "
            f"t.stock_quantity, t.stock_quantity, 'opening', '', 'system', 'Tuza', {NOW} "
            f"FROM {table} t JOIN branches b ON b.shop_id = t.shop_id WHERE t.stock_quantity > 0"
        )


def _true() -> str:
    return "1" if op.get_bind().dialect.name == "sqlite" else "true"


def downgrade() -> None:
    """Hidden and archived products become drafts; their pictures' addresses go back into the list."""
    op.add_column("products", sa.Column("images", Json, nullable=False, server_default="[]"))
    _move_images_back()
    for table in ("stock_movements", "branches", "product_images", "product_tags", "product_categories", "categories"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX ix_products_search_text")
    op.drop_index(op.f("uq_products_shop_id_external_id"), table_name="products")
    for table in ("products", "variants"):
        for column in ("sku", "barcode"):
            op.drop_index(f"uq_{table}_shop_id_{column}", table_name=table)
    for columns in INDEXES:
        op.drop_index(op.f(f"ix_products_shop_id_{'_'.join(columns)}"), table_name="products")
    fill = "UPDATE products SET status = 'draft' WHERE status IN ('hidden', 'archived')"
    _change_statuses(AFTER, BEFORE, fill)
    for name in ("sort_name", "search_text", "metadata", "external_id", "tax_class", "sale_ends_at", "sale_starts_at"):
        op.drop_column("products", name)
    for name in ("barcode", "low_stock_at", "cost_cents"):
        op.drop_column("products", name)
    for name in ("barcode", "options", "position", "is_archived"):
        op.drop_column("variants", name)


def _move_images_back() -> None:
    c, i, connection = PRODUCTS.c, IMAGES.c, op.get_bind()
    lists: dict[int, list[str]] = {}
    found = sa.select(i.product_id, i.url).where(i.url.is_not(None)).order_by(i.product_id, i.position, i.id)
    for product_id, url in connection.execute(found):
        lists.setdefault(product_id, []).append(url)
    for product_id, urls in lists.items():
        connection.execute(sa.update(PRODUCTS).where(c.id == product_id).values(images=urls))

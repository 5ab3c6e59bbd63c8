"""Products, their variants, pictures and tags."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, Computed, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from shop.domain.catalogue.images import WIDEST, image_path
from shop.domain.statuses import ProductStatus
from shop.domain.text.cleaning import code_key
from shop.models.base import (
    Base,
    BigId,
    ByteOrderText,
    Cents,
    Code,
    IntPk,
    LongText,
    Name,
    ShopOwned,
    Stamped,
    id_in_shop,
    in_shop,
    never_negative,
    one_of,
)

if TYPE_CHECKING:
    from shop.models.catalogue.category import Category


def _unique_code(table: str, column: str) -> Index:
    """Return a code that at most one row of a shop has; empty for rows without one."""
    given = text(f"{column} <> ''")
    name = f"uq_{table}_shop_id_{column}"
    return Index(name, "shop_id", column, unique=True, sqlite_where=given, postgresql_where=given)


class Coded:
    """Mixin of rows with a SKU and a barcode, empty or unique in the shop, and the keys by which they are compared.

    The keys are not unique: rows of earlier versions may differ in the case or width of letters alone.
    """

    sku: Mapped[Code] = mapped_column(default="")
    barcode: Mapped[Code] = mapped_column(default="")
    sku_key: Mapped[Name] = mapped_column(default="", server_default="")
    barcode_key: Mapped[Name] = mapped_column(default="", server_default="")

    @validates("sku", "barcode")
    def _set_key(self, name: str, value: str | None) -> str | None:
        setattr(self, f"{name}_key", code_key(value or ""))
        return value


def _code_indexes(table: str) -> tuple[Index, ...]:
    return (
        *(_unique_code(table, column) for column in ("sku", "barcode")),
        *(Index(f"ix_{table}_shop_id_{column}_key", "shop_id", f"{column}_key") for column in ("sku", "barcode")),
    )


class Product(ShopOwned, Stamped, Coded, Base):
    """A product. ``stock_quantity`` None means that stock is not counted.

    ``tax_class`` is the code of a tax class; empty for the shop's own. ``search_text`` has the name, the codes of the
    product, names and codes of its variants, and the tags, normalised; the name comes first, so that ``sort_name``
    sorts by it.
    """

    __tablename__ = "products"
    __table_args__ = (
        UniqueConstraint("shop_id", "slug"),
        id_in_shop(),
        one_of("status", ProductStatus),
        *never_negative(
            "price_cents", "sale_price_cents", "stock_quantity", "cost_cents", "low_stock_at", "weight_grams"
        ),
        *_code_indexes("products"),
        Index("uq_products_shop_id_external_id", "shop_id", "external_id", unique=True),
        Index(None, "shop_id", "status", "id"),
        Index(None, "shop_id", "sort_name", "id"),
        Index(None, "shop_id", "price_cents", "id"),
        Index(None, "shop_id", "stock_quantity", "id"),
        Index(None, "shop_id", "low_stock_at"),
        Index(None, "shop_id", "created_at", "id"),
        Index(None, "shop_id", "updated_at", "id"),
    )

    id: Mapped[IntPk]
    name: Mapped[Name]
    slug: Mapped[Name]
    description: Mapped[LongText] = mapped_column(default="")
    price_cents: Mapped[Cents]
    sale_price_cents: Mapped[Cents | None]
    sale_starts_at: Mapped[datetime | None]
    sale_ends_at: Mapped[datetime | None]
    cost_cents: Mapped[Cents | None]
    tax_class: Mapped[Code] = mapped_column(default="")
    weight_grams: Mapped[int | None]
    status: Mapped[Code] = mapped_column(default="active")
    stock_quantity: Mapped[int | None]
    low_stock_at: Mapped[int | None]
    external_id: Mapped[Name | None]
    details: Mapped[dict[str, Any]] = mapped_column("metadata", default=dict)
    search_text: Mapped[LongText] = mapped_column(default="")
    sort_name: Mapped[str] = mapped_column(ByteOrderText, Computed("substr(search_text, 1, 100)"), deferred=True)

    variants: Mapped[list["Variant"]] = relationship(
        primaryjoin="and_(foreign(Variant.product_id) == Product.id, Variant.is_archived.is_(False))",
        order_by="(Variant.position, Variant.id)",
        viewonly=True,
    )
    pictures: Mapped[list["ProductImage"]] = relationship(
        primaryjoin="foreign(ProductImage.product_id) == Product.id",
        order_by="(ProductImage.position, ProductImage.id)",
        viewonly=True,
    )
    tags: Mapped[list["ProductTag"]] = relationship(
        primaryjoin="foreign(ProductTag.product_id) == Product.id", order_by="ProductTag.tag", viewonly=True
    )
    categories: Mapped[list["Category"]] = relationship(
        secondary="product_categories",
        primaryjoin="Product.id == foreign(ProductCategory.product_id)",
        secondaryjoin="foreign(ProductCategory.category_id) == Category.id",
        order_by="Category.id",
        viewonly=True,
    )

    @property
    def images(self) -> list[str]:
        """The addresses of the pictures in their order: paths below this installation's URL, or URLs elsewhere."""
        return [picture.address() for picture in self.pictures]


class Variant(ShopOwned, Stamped, Coded, Base):
    """A size or kind of a product with its own price and stock; ``options`` such as ``{"Size": "1 l"}``.

    Its sale price applies within the product's dates. One that was sold is archived instead of deleted.
    """

    __tablename__ = "variants"
    __table_args__ = (
        in_shop("products", "product_id"),
        id_in_shop(),
        Index(None, "product_id"),
        Index(None, "shop_id", "stock_quantity", "product_id"),
        *never_negative("price_cents", "sale_price_cents", "stock_quantity"),
        *_code_indexes("variants"),
    )

    id: Mapped[IntPk]
    product_id: Mapped[int] = mapped_column(BigId)
    name: Mapped[Name]
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    price_cents: Mapped[Cents]
    sale_price_cents: Mapped[Cents | None]
    stock_quantity: Mapped[int | None]
    position: Mapped[int] = mapped_column(default=0)
    is_archived: Mapped[bool] = mapped_column(default=False)


class ProductImage(ShopOwned, Base):
    """A picture of a product: a file of this installation, or one elsewhere by its ``url``.

    ``digest`` is the SHA-256 of the file as it was uploaded; ``width`` and ``height`` are of the widest file made
    from it, in pixels.
    """

    __tablename__ = "product_images"
    __table_args__ = (
        in_shop("products", "product_id"),
        Index(None, "product_id"),
        Index(None, "shop_id", "digest"),
        CheckConstraint("(url IS NULL) <> (digest IS NULL)", name="url_or_file"),
    )

    id: Mapped[IntPk]
    product_id: Mapped[int] = mapped_column(BigId)
    position: Mapped[int] = mapped_column(default=0)
    alt: Mapped[Name] = mapped_column(default="")
    url: Mapped[LongText | None]
    digest: Mapped[Code | None]
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]

    def address(self, width: int = WIDEST) -> str:
        """Return the path of the file that is at least as wide if there is one, or the URL of a picture elsewhere."""
        return self.url or image_path(self.digest or "", self.width, width)


class ProductTag(ShopOwned, Base):
    """A word that groups products."""

    __tablename__ = "product_tags"
    __table_args__ = (
        in_shop("products", "product_id"),
        UniqueConstraint("shop_id", "tag", "product_id"),
        Index(None, "product_id"),
    )

    id: Mapped[IntPk]
    product_id: Mapped[int] = mapped_column(BigId)
    tag: Mapped[Code]

"""Products (``docs/contract/api.md``, section 6)."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from shop.domain.catalogue.prices import is_in_time
from shop.models import Product, Variant
from shop.schemas.envelope import Envelope
from shop.schemas.types import Count, Money, PageQuery, RequestModel, ResponseModel, SearchText
from shop.services import clock
from shop.services.catalogue.listed import ListedProduct, ListedVariant
from shop.services.catalogue.products.images import image_urls


class ProductListQuery(PageQuery):
    """Filter, order and page of products."""

    search: Annotated[SearchText, Field(description="Part of the name or SKU.", examples=["maziwa"])] = ""
    sort: Annotated[
        str,
        Field(
            pattern="^-?(newest|latest|oldest|price|name|title|created_at)([_:-](asc|desc))?$",
            description="newest, oldest, price or name; - before it, or _desc after it, reverses the order. "
            "latest, title and created_at are accepted too.",
            examples=["price"],
        ),
    ] = "newest"
    category: Annotated[
        str, Field(max_length=200, description="Slug of a category, with those below it.", examples=["dairy"])
    ] = ""


class ProductIdsQuery(RequestModel):
    """Products by their ids."""

    ids: Annotated[
        str,
        Field(
            pattern=r"^\s*[0-9]{1,18}(\s*,\s*[0-9]{1,18}){0,99}\s*$", description="1 to 100 ids.", examples=["1,2,3"]
        ),
    ]

    def numbers(self) -> list[int]:
        """Return the ids as numbers."""
        return [int(part) for part in self.ids.split(",")]


class VariantFields(ResponseModel):
    """The public fields of a variant, such as a size."""

    id: Annotated[int, Field(examples=[3])]
    product_id: Annotated[int, Field(examples=[12])]
    name: Annotated[str, Field(examples=["1 l"])]
    sku: Annotated[str, Field(examples=["MLK-1000"])]
    price: Money
    sale_price: Annotated[Money | None, Field(examples=[None])]
    stock_status: Literal["in_stock", "out_of_stock"]

    @staticmethod
    def common(variant: Variant | ListedVariant, *, sale_price_cents: int | None) -> dict[str, Any]:
        """Return the values of these fields."""
        return {
            "id": variant.id,
            "product_id": variant.product_id,
            "name": variant.name,
            "sku": variant.sku,
            "price": variant.price_cents,
            "sale_price": sale_price_cents,
            "stock_status": _stock_status(variant.stock_quantity),
        }


class VariantOut(VariantFields):
    """A variant of a product, such as a size."""

    @classmethod
    def of(cls, variant: Variant | ListedVariant, *, on_sale: bool) -> Self:
        """Return a variant; ``on_sale`` if the moment is within the product's dates of sale prices."""
        return cls(**cls.common(variant, sale_price_cents=variant.sale_price_cents if on_sale else None))


class ProductFields(ResponseModel):
    """The public fields of a product without its variants."""

    id: Annotated[int, Field(examples=[12])]
    name: Annotated[str, Field(examples=["Maziwa Lala 500 ml"])]
    slug: Annotated[str, Field(examples=["maziwa-lala-500-ml"])]
    description: Annotated[str, Field(examples=["Cultured milk, chilled."])]
    price: Annotated[Money, Field(examples=["120.00"])]
    sale_price: Annotated[Money | None, Field(examples=[None])]
    sku: Annotated[str, Field(examples=["MLK-500"])]
    status: Annotated[str, Field(examples=["active"])]
    product_type: Literal["simple", "variable"]
    stock_status: Literal["in_stock", "out_of_stock"]
    images: Annotated[list[str], Field(examples=[[]])]

    @staticmethod
    def common(
        product: Product | ListedProduct, variants: Sequence[VariantFields], *, sale_price_cents: int | None
    ) -> dict[str, Any]:
        """Return the values of these fields."""
        own = _stock_status(product.stock_quantity)
        in_stock = any(variant.stock_status == "in_stock" for variant in variants) if variants else own == "in_stock"
        return {
            "id": product.id,
            "name": product.name,
            "slug": product.slug,
            "description": product.description,
            "price": product.price_cents,
            "sale_price": sale_price_cents,
            "sku": product.sku,
            "status": product.status,
            "product_type": "variable" if variants else "simple",
            "stock_status": "in_stock" if in_stock else "out_of_stock",
            "images": image_urls(product),
        }


class ProductOut(ProductFields):
    """A product. A sale price applies if it is positive and below the price; it is null outside its dates."""

    variants: list[VariantOut]

    @classmethod
    def of(cls, product: Product | ListedProduct) -> Self:
        """Return a product, with its variants and pictures loaded."""
        on_sale = is_on_sale(product)
        variants = [VariantOut.of(variant, on_sale=on_sale) for variant in product.variants]
        sale_price_cents = product.sale_price_cents if on_sale else None
        return cls(**cls.common(product, variants, sale_price_cents=sale_price_cents), variants=variants)


def is_on_sale(product: Product | ListedProduct) -> bool:
    """Return whether now is within the dates of a product's sale prices."""
    return is_in_time(product.sale_starts_at, product.sale_ends_at, clock.now())


def _stock_status(quantity: int | None) -> Literal["in_stock", "out_of_stock"]:
    return "in_stock" if quantity is None or quantity > 0 else "out_of_stock"


class ProductListData(ResponseModel):
    """A page of products."""

    products: list[ProductOut]
    total: Count
    page: Annotated[int, Field(examples=[1])]
    limit: Annotated[int, Field(examples=[20])]


class ProductListResponse(Envelope):
    """A page of products."""

    data: ProductListData


class ProductData(ResponseModel):
    """A product."""

    product: ProductOut


class ProductResponse(Envelope):
    """A product."""

    data: ProductData


class ProductsData(ResponseModel):
    """Products."""

    products: list[ProductOut]


class ProductsResponse(Envelope):
    """Products in the order of the ids; unknown ids are left out."""

    data: ProductsData

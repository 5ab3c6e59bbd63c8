"""Products as the admin API shows them (``docs/contract/api.md``, section 10)."""

from typing import Annotated, Any, Self

from pydantic import Field

from shop.models import Product, ProductImage, StockMovement, Variant
from shop.schemas.catalogue.categories import CategoryOut
from shop.schemas.catalogue.products import ProductFields, VariantFields
from shop.schemas.envelope import Envelope
from shop.schemas.types import Count, MetadataValue, Moment, Money, ResponseModel
from shop.services.app_config import app_config


class VariantDetail(VariantFields):
    """A variant with what only staff see."""

    options: Annotated[dict[str, str], Field(examples=[{"Size": "1 l"}])]
    barcode: Annotated[str, Field(examples=["6161100001234"])]
    stock_quantity: Annotated[int | None, Field(examples=[24])]

    @classmethod
    def of(cls, variant: Variant, **_known: Any) -> Self:
        """Return a variant."""
        return cls(
            **cls.common(variant, sale_price_cents=variant.sale_price_cents),
            options=variant.options,
            barcode=variant.barcode,
            stock_quantity=variant.stock_quantity,
        )


class ImageOut(ResponseModel):
    """A picture of a product."""

    id: Annotated[int, Field(examples=[3])]
    url: Annotated[str, Field(examples=["https://shop.example.com/media/5f1c2a/960.webp"])]
    alt: Annotated[str, Field(examples=["A half-litre packet of cultured milk"])]
    width: Count
    height: Count

    @classmethod
    def of(cls, image: ProductImage) -> Self:
        """Return a picture."""
        address = image.address()
        url = app_config()["PUBLIC_URL"] + address if address.startswith("/") else address
        return cls(id=image.id, url=url, alt=image.alt, width=image.width, height=image.height)


class ProductDetail(ProductFields):
    """A product with what only staff see."""

    variants: list[VariantDetail]
    barcode: Annotated[str, Field(examples=["6161100001227"])]
    cost: Annotated[Money | None, Field(examples=["85.00"])]
    tax_class: Annotated[str, Field(examples=["standard"])]
    categories: list[CategoryOut]
    tags: Annotated[list[str], Field(examples=[["fresh"]])]
    image_details: list[ImageOut]
    track_stock: bool
    stock_quantity: Annotated[int | None, Field(description="Of the product itself, not of variants.", examples=[24])]
    low_stock_at: Annotated[int | None, Field(examples=[5])]
    weight_grams: Annotated[int | None, Field(examples=[500])]
    sale_starts_at: Annotated[Moment | None, Field(examples=[None])]
    sale_ends_at: Annotated[Moment | None, Field(examples=[None])]
    external_id: Annotated[str | None, Field(examples=["erp-4711"])]
    metadata: Annotated[dict[str, MetadataValue], Field(examples=[{"shelf": "B4"}])]
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, product: Product) -> Self:
        """Return a product with all its parts loaded."""
        variants = [VariantDetail.of(variant) for variant in product.variants]
        stocks = [product.stock_quantity, *(variant.stock_quantity for variant in variants)]
        return cls(
            **cls.common(product, variants, sale_price_cents=product.sale_price_cents),
            variants=variants,
            barcode=product.barcode,
            cost=product.cost_cents,
            tax_class=product.tax_class,
            categories=[CategoryOut.of(category) for category in product.categories],
            tags=[tag.tag for tag in product.tags],
            image_details=[ImageOut.of(image) for image in product.pictures],
            track_stock=any(stock is not None for stock in stocks),
            stock_quantity=product.stock_quantity,
            low_stock_at=product.low_stock_at,
            weight_grams=product.weight_grams,
            sale_starts_at=product.sale_starts_at,
            sale_ends_at=product.sale_ends_at,
            external_id=product.external_id,
            metadata=product.details,
            created_at=product.created_at,
            updated_at=product.updated_at,
        )


class ProductDetailData(ResponseModel):
    """A product."""

    product: ProductDetail


class ProductDetailResponse(Envelope):
    """A product."""

    data: ProductDetailData

    @classmethod
    def of(cls, product: Product) -> Self:
        """Return the response for a product."""
        return cls(data=ProductDetailData(product=ProductDetail.of(product)))


class ProductDetailsData(ResponseModel):
    """A page of products."""

    products: list[ProductDetail]
    total: Count
    page: Annotated[int, Field(examples=[1])]
    limit: Annotated[int, Field(examples=[20])]


class ProductDetailsResponse(Envelope):
    """A page of products."""

    data: ProductDetailsData


class MovementOut(ResponseModel):
    """A change of stock."""

    id: Annotated[int, Field(examples=[81])]
    product_id: Annotated[int, Field(examples=[12])]
    variant_id: Annotated[int | None, Field(examples=[None])]
    branch_id: Annotated[int, Field(examples=[1])]
    change: Annotated[int, Field(examples=[-2])]
    stock_after: Annotated[int, Field(examples=[22])]
    kind: Annotated[str, Field(examples=["adjustment"])]
    reason: Annotated[str, Field(examples=["Broken"])]
    order_id: Annotated[int | None, Field(examples=[None])]
    created_at: Moment

    @classmethod
    def of(cls, movement: StockMovement) -> Self:
        """Return a movement."""
        names = ("id", "product_id", "variant_id", "branch_id", "change", "kind", "reason", "order_id", "created_at")
        return cls(stock_after=movement.quantity_after, **{name: getattr(movement, name) for name in names})


class StockData(ResponseModel):
    """The stock after a change, and the change."""

    stock_quantity: Annotated[int, Field(examples=[22])]
    movement: MovementOut


class StockResponse(Envelope):
    """The stock after a change, and the change."""

    data: StockData


class ImagesData(ResponseModel):
    """The pictures of a product in their order."""

    images: list[ImageOut]


class ImagesResponse(Envelope):
    """The pictures of a product in their order."""

    data: ImagesData


class ImageData(ResponseModel):
    """A picture."""

    image: ImageOut


class ImageResponse(Envelope):
    """A picture."""

    data: ImageData


class TransferData(ResponseModel):
    """The stock in all, which stays, and the movement of each branch."""

    stock_quantity: Annotated[int, Field(examples=[24])]
    movements: Annotated[list[MovementOut], Field(description="Out of one branch, into the other.")]


class TransferResponse(Envelope):
    """The movements of a transfer."""

    data: TransferData


class BranchOut(ResponseModel):
    """A place where the shop keeps stock. Orders of the online store take it from the default one."""

    id: Annotated[int, Field(examples=[1])]
    name: Annotated[str, Field(examples=["Main branch"])]
    is_default: bool


class BranchesData(ResponseModel):
    """The branches, the default one first."""

    branches: list[BranchOut]


class BranchesResponse(Envelope):
    """The branches of the shop."""

    data: BranchesData

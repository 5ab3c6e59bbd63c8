"""Bodies of the admin API's products (``docs/contract/api.md``, section 10)."""

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from shop.domain.ids import MAX_ID
from shop.schemas.times import MomentIn
from shop.schemas.types import (
    Id,
    LongText,
    MetadataIn,
    MoneyIn,
    PageQuery,
    RequestModel,
    SearchText,
    ShortText,
    Text,
    TimesQuery,
)
from shop.services.catalogue.products.variants import VariantInput

COLUMNS: Final = {
    "price": "price_cents",
    "sale_price": "sale_price_cents",
    "cost": "cost_cents",
    "metadata": "details",
}
"""Fields whose column has another name."""
Stock = Annotated[int, Field(strict=True, ge=0, le=1_000_000_000, examples=[24])]


class ProductQuery(PageQuery, TimesQuery):
    """Filter, order and page of products."""

    search: Annotated[
        SearchText, Field(description="Part of a name, an SKU or a barcode, variants' included, or of a tag.")
    ] = ""
    status: Annotated[Literal["active", "hidden", "archived"] | None, Field(examples=["active"])] = None
    category_id: Annotated[
        int | None, Field(ge=1, le=MAX_ID, description="With the categories below it.", examples=[4])
    ] = None
    sort: Annotated[
        str,
        Field(
            pattern="^-?(created|created_at|name|price|stock|updated|updated_at)$",
            description="created_at, name, price, stock or updated_at; - before it for descending order.",
            examples=["-created_at"],
        ),
    ] = "-created_at"
    external_id: Annotated[
        SearchText, Field(description="Only the product with this id of another system.", examples=["erp-4711"])
    ] = ""


class VariantIn(RequestModel):
    """A variant: with its id to keep it, without to add it. A name is made of the options if it is not given."""

    id: Annotated[Id | None, Field(examples=[None])] = None
    name: Annotated[Text, Field(examples=["1 l"])] = ""
    options: Annotated[
        dict[Annotated[str, Field(min_length=1, max_length=64)], Annotated[str, Field(max_length=64)]],
        Field(max_length=5, examples=[{"Size": "1 l"}]),
    ] = {}
    sku: Annotated[ShortText, Field(examples=["MLK-1000"])] = ""
    barcode: Annotated[ShortText, Field(examples=["6161100001234"])] = ""
    price: Annotated[MoneyIn | None, Field(description="Required for a new variant.")] = None
    sale_price: Annotated[MoneyIn | None, Field(examples=[None])] = None
    stock_quantity: Annotated[Stock | None, Field(description="Null if it is not counted.")] = None

    @property
    def fields(self) -> VariantInput:
        """Return what was given, as columns."""
        given = {name: getattr(self, name) for name in self.model_fields_set if name != "id"}
        if given.get("price", 0) is None:
            del given["price"]
        return VariantInput(self.id, {COLUMNS.get(name, name): value for name, value in given.items()})


class ProductChange(RequestModel):
    """Fields of a product to change; those not given stay. Variants that are left out of a list are removed."""

    name: Annotated[Text, Field(min_length=1, examples=["Maziwa Lala 500 ml"])] = ""
    slug: Annotated[Text, Field(description="Made from the name if it is not given.")] = ""
    description: Annotated[LongText, Field(examples=["Cultured milk, chilled."])] = ""
    price: MoneyIn = 0
    sale_price: Annotated[MoneyIn | None, Field(examples=[None])] = None
    sale_starts_at: Annotated[MomentIn | None, Field(examples=[None])] = None
    sale_ends_at: Annotated[MomentIn | None, Field(examples=[None])] = None
    cost: Annotated[MoneyIn | None, Field(examples=["85.00"])] = None
    sku: Annotated[ShortText, Field(examples=["MLK-500"])] = ""
    barcode: Annotated[ShortText, Field(examples=["6161100001227"])] = ""
    tax_class: Annotated[str, Field(pattern="^[A-Za-z0-9_-]{0,64}$", examples=["standard"])] = ""
    status: Annotated[
        Literal["active", "hidden", "archived", "draft"], Field(description="`draft` is read as hidden.")
    ] = "active"
    track_stock: Annotated[bool, Field(strict=True, description="Whether stock is counted.")] = False
    stock_quantity: Annotated[Stock | None, Field(description="Null if it is not counted.")] = None
    low_stock_at: Annotated[Stock | None, Field(examples=[5])] = None
    weight_grams: Annotated[int | None, Field(strict=True, ge=0, le=100_000_000, examples=[500])] = None
    external_id: Annotated[Text | None, Field(min_length=1, examples=["erp-4711"])] = None
    metadata: Annotated[MetadataIn, Field(examples=[{"shelf": "B4"}])] = {}
    tags: Annotated[list[ShortText], Field(max_length=50, examples=[["fresh"]])] = []
    category_ids: Annotated[list[Id], Field(max_length=50, examples=[[]])] = []
    variants: Annotated[list[VariantIn], Field(max_length=100, examples=[[]])] = []

    @property
    def given(self) -> dict[str, Any]:
        """Return what was given, as columns."""
        found = {COLUMNS.get(name, name): getattr(self, name) for name in self.model_fields_set}
        if "variants" in found:
            found["variants"] = [variant.fields for variant in self.variants]
        return found


class NewProduct(ProductChange):
    """A product."""

    name: Annotated[Text, Field(min_length=1, examples=["Maziwa Lala 500 ml"])]
    price: MoneyIn


class ProductUpsert(ProductChange):
    """A product by its id in another system: a new one needs a name and a price."""

    external_id: Annotated[Text, Field(min_length=1, examples=["erp-4711"])]


class StockAdjustment(RequestModel):
    """A change of stock in pieces, positive or negative."""

    change: Annotated[int, Field(strict=True, ge=-1_000_000_000, le=1_000_000_000, examples=[-2])]
    reason: Annotated[Text, Field(min_length=1, examples=["Broken"])]
    variant_id: Annotated[Id | None, Field(description="Required for a product with variants.", examples=[None])] = None
    branch_id: Annotated[Id | None, Field(description="The default branch if not given.", examples=[None])] = None


class StockTransfer(RequestModel):
    """Pieces to move from one branch to another."""

    quantity: Annotated[int, Field(strict=True, ge=1, le=1_000_000_000, examples=[6])]
    from_branch_id: Annotated[Id | None, Field(description="The default branch if not given.", examples=[None])] = None
    to_branch_id: Annotated[Id | None, Field(description="The default branch if not given.", examples=[2])] = None
    reason: Annotated[Text, Field(min_length=1, examples=["Sent by the van"])]
    variant_id: Annotated[Id | None, Field(description="Required for a product with variants.", examples=[None])] = None


class ImageForm(RequestModel):
    """A picture and its alternative text, as a form. ``image`` is a JPEG, PNG or WebP."""

    image: Annotated[str | None, Field(description="The file; required.", examples=["the bytes of the file"])] = None
    alt: Annotated[Text, Field(examples=["A half-litre packet of cultured milk"])] = ""


class ImageOrder(RequestModel):
    """All pictures of a product in their new order."""

    image_ids: Annotated[list[Id], Field(max_length=20, examples=[[3, 1, 2]])]

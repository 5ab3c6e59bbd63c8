"""A shopper's cart (``docs/contract/api.md``, section 6)."""

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import Field

from shop.models import CartItem
from shop.schemas.catalogue.products import ProductOut, VariantOut, is_on_sale
from shop.schemas.envelope import Envelope
from shop.schemas.shoppers.storefront import Cart
from shop.schemas.types import EmailIn, Money, MoneyIn, PhoneIn, RequestModel, ResponseModel
from shop.services.shoppers.carts import add_up


class CartQuantity(RequestModel):
    """The new quantity of a cart item."""

    quantity: Annotated[int, Field(strict=True, ge=1, le=100_000, examples=[3])]


class CartItemOut(ResponseModel):
    """A cart item, with the product's current name and price."""

    id: Annotated[int, Field(examples=[7])]
    product_id: Annotated[int, Field(examples=[12])]
    variant_id: Annotated[int | None, Field(examples=[None])]
    quantity: Annotated[int, Field(examples=[2])]
    product: ProductOut
    variant: VariantOut | None

    @classmethod
    def of(cls, item: CartItem) -> Self:
        """Return an item, with product and variant loaded."""
        return cls(
            id=item.id,
            product_id=item.product_id,
            variant_id=item.variant_id,
            quantity=item.quantity,
            product=ProductOut.of(item.product),
            variant=VariantOut.of(item.variant, on_sale=is_on_sale(item.product)) if item.variant else None,
        )


class CartItemData(ResponseModel):
    """A cart item."""

    item: CartItemOut


class CartItemResponse(Envelope):
    """A cart item."""

    data: CartItemData

    @classmethod
    def of(cls, item: CartItem) -> Self:
        """Return the response for an item."""
        return cls(data=CartItemData(item=CartItemOut.of(item)))


class CartData(ResponseModel):
    """The cart. ``subtotal`` uses current prices, without shipping and discounts."""

    items: list[CartItemOut]
    subtotal: Annotated[Money, Field(examples=["240.00"])]


class CartResponse(Envelope):
    """The cart."""

    data: CartData

    @classmethod
    def of(cls, items: Sequence[CartItem]) -> Self:
        """Return the response for a cart's items."""
        return cls(data=CartData(items=[CartItemOut.of(item) for item in items], subtotal=add_up(items)))


class NewAbandonedCart(RequestModel):
    """An abandoned cart."""

    email: Annotated[EmailIn | None, Field()] = None
    phone: Annotated[PhoneIn | None, Field()] = None
    items: Cart
    total: Annotated[MoneyIn | None, Field(examples=["240.00"])] = None
    reminder_consent: Annotated[
        bool, Field(strict=True, description="Whether the shopper agreed to a reminder of this cart by e-mail")
    ] = False

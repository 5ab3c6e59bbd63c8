"""A shopper's cart on the wire (``docs/contract/api.md``, section 6)."""

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import Field

from shop.models import CartItem as CartRow
from shop.schemas.envelope import Envelope
from shop.schemas.products import ProductOut, VariantOut
from shop.schemas.storefront import Cart
from shop.schemas.types import EmailIn, In, Money, MoneyIn, Out, PhoneIn
from shop.services.shoppers.carts import add_up


class CartQuantity(In):
    """How many of an article there shall be."""

    quantity: Annotated[int, Field(strict=True, ge=1, le=100_000, examples=[3])]


class CartItemOut(Out):
    """An article in the cart, with the catalogue's words and prices of now."""

    id: Annotated[int, Field(examples=[7])]
    product_id: Annotated[int, Field(examples=[12])]
    variant_id: Annotated[int | None, Field(examples=[None])]
    quantity: Annotated[int, Field(examples=[2])]
    product: ProductOut
    variant: VariantOut | None

    @classmethod
    def of(cls, item: CartRow) -> Self:
        """An item, with product and variant loaded."""
        return cls(
            id=item.id,
            product_id=item.product_id,
            variant_id=item.variant_id,
            quantity=item.quantity,
            product=ProductOut.of(item.product),
            variant=VariantOut.of(item.variant) if item.variant else None,
        )


class CartItemData(Out):
    """An article in the cart."""

    item: CartItemOut


class CartItemAnswer(Envelope):
    """An article in the cart."""

    data: CartItemData

    @classmethod
    def of(cls, item: CartRow) -> Self:
        """The answer for an item."""
        return cls(data=CartItemData(item=CartItemOut.of(item)))


class CartData(Out):
    """The cart; ``subtotal`` is what it costs at this moment, without delivery and before any discount."""

    items: list[CartItemOut]
    subtotal: Annotated[Money, Field(examples=["240.00"])]


class CartAnswer(Envelope):
    """The cart."""

    data: CartData

    @classmethod
    def of(cls, items: Sequence[CartRow]) -> Self:
        """The answer for a cart's items."""
        return cls(data=CartData(items=[CartItemOut.of(item) for item in items], subtotal=add_up(items)))


class LeftBehind(In):
    """A cart that a shopper left behind."""

    email: Annotated[EmailIn | None, Field()] = None
    phone: Annotated[PhoneIn | None, Field()] = None
    items: Cart
    total: Annotated[MoneyIn | None, Field(examples=["240.00"])] = None

"""Products as the pages of the hosted shop show them."""

from dataclasses import dataclass
from typing import Any, Self

from shop.services.catalogue.products.for_sale import current_price

FEW = 10
"""The remaining quantity is shown from this number down."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A product or variant that can be bought: prices in minor units; ``left`` is None unless stock is low."""

    variant_id: int | None
    name: str
    sku: str
    price_cents: int
    before_cents: int | None
    """The price without the sale; None without one."""
    sold_out: bool
    left: int | None

    @classmethod
    def of(cls, product: Any, variant: Any = None) -> Self:
        """Return the offer of a product, or of a variant of it."""
        item = variant or product
        price, stock = current_price(product, variant), item.stock_quantity
        return cls(
            variant_id=variant.id if variant else None,
            name=item.name,
            sku=item.sku,
            price_cents=price,
            before_cents=item.price_cents if price < item.price_cents else None,
            sold_out=stock is not None and stock <= 0,
            left=stock if stock is not None and 0 < stock <= FEW else None,
        )


@dataclass(frozen=True, slots=True)
class PictureUrls:
    """The URLs of a picture's sizes; ``alt`` may be empty."""

    tile: str
    large: str
    full: str
    alt: str

    @classmethod
    def of(cls, picture: Any) -> Self:
        """Return the URLs of a product's picture."""
        return cls(picture.address(480), picture.address(960), picture.address(), picture.alt)


@dataclass(frozen=True, slots=True)
class ProductView:
    """A product with its offers: itself, or its variants."""

    id: int
    name: str
    slug: str
    description: str
    images: tuple[PictureUrls, ...]
    offers: tuple[Offer, ...]
    variable: bool

    @classmethod
    def of(cls, product: Any) -> Self:
        """Return the view of a product with its variants loaded."""
        variants = tuple(Offer.of(product, variant) for variant in product.variants)
        return cls(
            id=product.id,
            name=product.name,
            slug=product.slug,
            description=product.description,
            images=tuple(PictureUrls.of(picture) for picture in product.pictures),
            offers=variants or (Offer.of(product),),
            variable=bool(variants),
        )

    @property
    def cheapest(self) -> Offer:
        """The offer with the lowest price, of those in stock if there are any."""
        return min(self.offers, key=lambda offer: (offer.sold_out, offer.price_cents))

    @property
    def sold_out(self) -> bool:
        """Whether no offer is in stock."""
        return all(offer.sold_out for offer in self.offers)

    @property
    def prices_differ(self) -> bool:
        """Whether the variants have different prices."""
        return len({offer.price_cents for offer in self.offers}) > 1

    @property
    def tint(self) -> int:
        """One of six colours for a product without a picture, always the same for it."""
        return self.id % 6 + 1

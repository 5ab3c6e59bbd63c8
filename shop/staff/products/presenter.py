"""Products for display."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from flask_babel import lazy_gettext, ngettext

from shop.domain.statuses import MovementKind, ProductStatus
from shop.services.catalogue.products.for_sale import current_price
from shop.web.pages.formats import money

STATUS_NAMES: Final[dict[str, Any]] = {
    ProductStatus.ACTIVE: lazy_gettext("Active"),
    ProductStatus.HIDDEN: lazy_gettext("Hidden"),
    ProductStatus.ARCHIVED: lazy_gettext("Archived"),
}
STOCK_NAMES: Final[dict[str, Any]] = {
    "out": lazy_gettext("Out of stock"),
    "low": lazy_gettext("Low stock"),
    "available": lazy_gettext("In stock"),
    "uncounted": lazy_gettext("Not counted"),
}
MOVEMENT_NAMES: Final[dict[str, Any]] = {
    MovementKind.OPENING: lazy_gettext("Opening stock"),
    MovementKind.SALE: lazy_gettext("Sold"),
    MovementKind.CANCELLATION: lazy_gettext("Returned"),
    MovementKind.ADJUSTMENT: lazy_gettext("Adjusted"),
    MovementKind.IMPORT: lazy_gettext("Imported"),
    MovementKind.TRANSFER: lazy_gettext("Moved"),
    MovementKind.REFUND: lazy_gettext("Refunded"),
}
MOVEMENT_BADGES: Final = {
    MovementKind.SALE: "redeemed",
    MovementKind.CANCELLATION: "returned",
    MovementKind.REFUND: "returned",
    MovementKind.ADJUSTMENT: "adjusted",
}


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product in the list."""

    id: int
    name: str
    below: str
    """The SKU and how many variants there are."""
    status: str
    categories: str
    picture: str | None
    price: str
    price_before: str | None
    """The regular price of a product on sale; None otherwise, and for variants with different prices."""
    stock: int | None
    """Of all variants; None if not counted."""
    level: str
    """``out``, ``low`` or empty."""

    @classmethod
    def of(cls, product: Any) -> Self:
        """Return the row of a product with all its parts loaded."""
        stock = stock_of(product)
        price, before = _prices(product)
        pictures = product.pictures
        return cls(
            id=product.id,
            name=product.name,
            below=_below(product),
            status=product.status,
            categories=", ".join(one.name for one in product.categories),
            picture=pictures[0].address(160) if pictures else None,
            price=price,
            price_before=before,
            stock=stock,
            level=level_of(product),
        )


def stock_of(product: Any) -> int | None:
    """Return the counted stock of a product, or of all its variants."""
    counted = _counted(product.variants or [product])
    return sum(counted) if counted else None


def _counted(articles: Sequence[Any]) -> list[int]:
    return [one.stock_quantity for one in articles if one.stock_quantity is not None]


def level_of(product: Any) -> str:
    """Return the level of a product, or of all its variants."""
    return stock_level(product.variants or [product], product.low_stock_at)


def stock_level(articles: Sequence[Any], low_stock_at: int | None) -> str:
    """Return ``out`` if one of the articles has no stock left, ``low`` at the limit, else ""."""
    least = min(_counted(articles), default=None)
    if least is None:
        return ""
    if least <= 0:
        return "out"
    return "low" if low_stock_at is not None and least <= low_stock_at else ""


def _below(product: Any) -> str:
    parts = [product.sku] if product.sku else []
    if product.variants:
        parts.append(ngettext("%(num)s variant", "%(num)s variants", len(product.variants)))
    return " · ".join(parts)


def _prices(product: Any) -> tuple[str, str | None]:
    prices = [current_price(product, variant) for variant in product.variants] or [current_price(product)]
    low, high = min(prices), max(prices)
    if low != high:
        return f"{money(low)}–{money(high)}", None
    full = max((variant.price_cents for variant in product.variants), default=product.price_cents)
    return money(low), money(full) if full > low else None

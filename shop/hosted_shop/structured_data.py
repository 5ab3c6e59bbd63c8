"""Structured data for search engines, as schema.org defines it (https://schema.org/Product)."""

import json
from typing import Any
from urllib.parse import urljoin

from flask import request, url_for
from markupsafe import Markup

from shop.domain.money import format_money
from shop.hosted_shop.product_view import Offer, ProductView
from shop.services.shops.settings import get_settings

CONTEXT = "https://schema.org"


def shop_data() -> Markup:
    """Return the shop as a schema.org ``Store``."""
    values = get_settings().values
    data = {
        "@context": CONTEXT,
        "@type": "Store",
        "name": values["store_name"],
        "url": url_for("hosted_shop.catalogue", _external=True),
    }
    if values["store_address"]:
        data["address"] = values["store_address"]
    if values["store_email"]:
        data["email"] = values["store_email"]
    return _script(data)


def product_data(product: ProductView, address: str) -> Markup:
    """Return a product with its offers as a schema.org ``Product``."""
    data: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "Product",
        "name": product.name,
        "url": address,
        "offers": [_offer(offer, address) for offer in product.offers],
    }
    if product.description:
        data["description"] = product.description
    if product.images:
        data["image"] = [urljoin(request.url_root, picture.full) for picture in product.images]
    return _script(data)


def _offer(offer: Offer, address: str) -> dict[str, Any]:
    currency = get_settings().currency
    found = {
        "@type": "Offer",
        "url": address,
        "price": format_money(offer.price_cents, currency),
        "priceCurrency": currency,
        "availability": f"{CONTEXT}/{'OutOfStock' if offer.sold_out else 'InStock'}",
    }
    if offer.sku:
        found["sku"] = offer.sku
    return found


def _script(data: dict[str, Any]) -> Markup:
    """Return the JSON for a script element, escaped so that it cannot end the element."""
    text = json.dumps(data, ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704 (escaped)

"""Add the articles as products of the tested shop; the only module that imports the shop.

``python -m bench.replay.products`` reads ``[[sku, name, cents], …]`` and writes the products' ids in that order.
"""

import json
import sys
from collections.abc import Sequence

from shop import create_app
from shop.db.tenant import use_shop
from shop.db.transaction import transaction
from shop.services.catalogue.products.records import add_product
from shop.services.shops.shops import get_shop


def main() -> None:
    """Add the products of the standard input."""
    with create_app().app_context():
        use_shop(get_shop(None).id)
        added = add_products(json.load(sys.stdin))
    json.dump(added, sys.stdout)


def add_products(articles: Sequence[tuple[str, str, int]]) -> list[int]:
    """Add a product for each article and price; return their ids. An SKU names one product, so it has the price too."""
    with transaction():
        return [
            add_product(name, cents, sku=f"{sku}-{cents}", slug=f"{name} {sku} {cents}").id
            for sku, name, cents in articles
        ]


if __name__ == "__main__":
    main()

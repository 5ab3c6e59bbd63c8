"""Puts articles on the shelf of the shop under trial: the one part that needs the shop, and nothing is compared here.

``python -m bench.replay.products`` reads ``[[sku, name, cents], …]`` and writes the products' ids in that order.
"""

import json
import sys

from shop import create_app
from shop.db.tenant import use_shop
from shop.db.transaction import transaction
from shop.services.catalogue.product_records import add_product
from shop.services.shops.shops import get_shop


def main() -> None:
    """Add what the standard input names."""
    with create_app().app_context():
        use_shop(get_shop(None).id)
        with transaction():
            added = [
                add_product(name, cents, sku=sku, slug=f"{name} {sku} {cents}").id
                for sku, name, cents in json.load(sys.stdin)
            ]
    json.dump(added, sys.stdout)


if __name__ == "__main__":
    main()

"""Add or change a product that another system knows by its own id."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import Product
from shop.services.actors import Actor
from shop.services.catalogue.products.codes import find_id_by_code
from shop.services.catalogue.products.records import create_product, update_product


def save_by_external_id(external_id: str, given: Mapping[str, Any], actor: Actor) -> Product:
    """Change the product with an id of another system, else the one with the SKU, else add one.

    Raise InvalidInput and Conflict as `create_product` and `update_product`.
    """
    with transaction():
        found = db.session.scalars(select(Product.id).where(Product.external_id == external_id)).first()
        if found is None and given.get("sku"):
            without = select(Product.id).where(
                Product.id == find_id_by_code("sku", given["sku"]), Product.external_id.is_(None)
            )
            found = db.session.scalars(without).first()
        return update_product(found, given, actor) if found is not None else create_product(given, actor)

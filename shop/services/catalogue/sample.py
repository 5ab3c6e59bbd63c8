"""A small sample catalogue for trying the shop before its own products are added."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.statuses import ProductStatus
from shop.models import Product
from shop.services.actors import Actor
from shop.services.catalogue.products.records import create_product, delete_product

PREFIX: Final = "tuza-sample-"
"""The prefix of ``external_id`` that marks a sample product."""
_IS_SAMPLE: Final = (Product.external_id.between(PREFIX, f"{PREFIX}~"), Product.status != ProductStatus.ARCHIVED)


@dataclass(frozen=True, slots=True)
class SampleProduct:
    """A product with a price in minor units."""

    name: str
    price_cents: int
    description: str


SAMPLES: Final = (
    SampleProduct("Sample: Maize flour, 2 kg", 18900, "Fine white maize flour."),
    SampleProduct("Sample: Rice, 1 kg", 24000, "Aromatic long-grain rice."),
    SampleProduct("Sample: Fresh milk, 500 ml", 6500, "Pasteurised, delivered daily."),
    SampleProduct("Sample: Eggs, tray of 30", 45000, "From free-range hens."),
    SampleProduct("Sample: Cooking oil, 1 l", 36000, "Sunflower oil."),
    SampleProduct("Sample: Brown sugar, 1 kg", 17500, "Unrefined."),
    SampleProduct("Sample: Tea leaves, 250 g", 15000, "Strong and bright."),
    SampleProduct("Sample: Bar soap, 800 g", 13000, "For laundry."),
)


def load_sample_catalogue(actor: Actor) -> int:
    """Add the missing sample products; return how many."""
    with transaction():
        existing = {product.external_id for product in list_samples()}
        missing = {f"{PREFIX}{number}": sample for number, sample in enumerate(SAMPLES, 1)}
        for external_id in existing & missing.keys():
            del missing[str(external_id)]
        for external_id, sample in missing.items():
            fields = {"name": sample.name, "price_cents": sample.price_cents, "description": sample.description}
            create_product(fields | {"external_id": external_id, "sku": external_id.upper()}, actor)
        return len(missing)


def remove_sample_catalogue(actor: Actor) -> int:
    """Delete the sample products, and archive those that were ordered; return how many.

    A product that was renamed is the shop's own: it stays and is no longer a sample.
    """
    with transaction():
        samples = list_samples()
        names = {sample.name for sample in SAMPLES}
        removed = [product for product in samples if product.name in names]
        for product in samples:
            product.external_id = None
        db.session.flush()
        for product in removed:
            delete_product(product.id, actor)
        return len(removed)


def list_samples() -> list[Product]:
    """Return the sample products that are not archived."""
    return list(db.session.scalars(select(Product).where(*_IS_SAMPLE).order_by(Product.id)))


def has_samples() -> bool:
    """Return whether the shop has sample products."""
    return db.session.scalars(select(Product.id).where(*_IS_SAMPLE).limit(1)).first() is not None

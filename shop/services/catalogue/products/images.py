"""Pictures of products: uploaded, converted to WebP and AVIF in several widths, reordered and deleted."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from shop.db.session import db
from shop.db.tenant import all_tenants
from shop.db.transaction import after_commit, transaction
from shop.domain.catalogue.images import widths_of
from shop.models import Product, ProductImage
from shop.services import clock
from shop.services.actors import Actor
from shop.services.app_config import app_config
from shop.services.catalogue.events import record_product, show_product
from shop.services.catalogue.listed import ListedProduct
from shop.services.catalogue.products.records import lock_product
from shop.services.errors import InvalidInput, NotFound
from shop.services.images.files import delete_files, open_picture, write_files

MAX_IMAGES: Final = 20
KINDS: Final = {"webp": {"quality": 82, "method": 4}, "avif": {"quality": 60, "speed": 8}}


def image_urls(product: Product | ListedProduct) -> list[str]:
    """Return the absolute URLs of a product's loaded pictures, in order."""
    base = app_config()["PUBLIC_URL"]
    return [f"{base}{path}" if path.startswith("/") else path for path in product.images]


def add_image(product_id: int, data: bytes | None, alt: str, actor: Actor) -> ProductImage:
    """Add a picture after a product's others and return it.

    Raises NotFound; InvalidInput naming ``image`` if it is no JPEG, PNG or WebP, has too many pixels, or exceeds the
    number of pictures.
    """
    if data is None:
        raise InvalidInput.of("image", "is required")
    digest = hashlib.sha256(data).hexdigest()
    width, height = _convert(data, digest)
    with transaction() as session:
        product = lock_product(product_id)
        there = session.scalars(select(func.count(ProductImage.id)).where(ProductImage.product_id == product_id)).one()
        if there >= MAX_IMAGES:
            raise InvalidInput.of("image", "exceeds the limit: a product has at most %(limit)s", limit=MAX_IMAGES)
        before = show_product(product_id)
        place = select(func.coalesce(func.max(ProductImage.position), -1) + 1)
        image = ProductImage(
            product_id=product_id,
            position=session.scalars(place.where(ProductImage.product_id == product_id)).one(),
            alt=alt,
            digest=digest,
            width=width,
            height=height,
            created_at=clock.now(),
        )
        session.add(image)
        session.flush()
        product.updated_at = clock.now()
        record_product(product_id, actor, before).audit("product.image_added")
    return image


def _convert(data: bytes, digest: str) -> tuple[int, int]:
    """Write the files of a picture unless they exist, and return the size of the widest."""
    picture = open_picture(data, "image")
    sizes = [(width, max(1, round(picture.height * width / picture.width))) for width in widths_of(picture.width)]

    def write(folder: Path) -> None:
        from PIL import features

        for size in sizes:
            resized = picture.resize(size)
            for kind, options in KINDS.items():
                if features.check(kind):
                    resized.save(folder / f"{size[0]}.{kind}", kind.upper(), **options)

    write_files(digest, write)
    return sizes[-1]


def list_images(product_id: int) -> list[ProductImage]:
    """Return the pictures of a product in their order."""
    statement = select(ProductImage).where(ProductImage.product_id == product_id)
    return list(db.session.scalars(statement.order_by(ProductImage.position, ProductImage.id)))


def describe_image(product_id: int, image_id: int, alt: str, actor: Actor) -> ProductImage:
    """Set the alternative text of a picture. Raises NotFound."""
    with transaction():
        image = _get(product_id, image_id)
        before = show_product(product_id)
        image.alt = alt
        record_product(product_id, actor, before).audit("product.image_changed")
    return image


def order_images(product_id: int, image_ids: Sequence[int], actor: Actor) -> list[ProductImage]:
    """Set the order of all pictures of a product. Raises NotFound; InvalidInput unless each is named once."""
    with transaction():
        product = lock_product(product_id)
        images = {image.id: image for image in list_images(product_id)}
        if sorted(image_ids) != sorted(images):
            raise InvalidInput.of("image_ids", "must name each picture of the product once")
        before = show_product(product_id)
        for place, image_id in enumerate(image_ids):
            images[image_id].position = place
        product.updated_at = clock.now()
        db.session.flush()
        record_product(product_id, actor, before).audit("product.images_ordered")
        return list_images(product_id)


def delete_image(product_id: int, image_id: int, actor: Actor) -> None:
    """Delete a picture, and its files after the commit if no other product has it. Raises NotFound."""
    with transaction() as session:
        image = _get(product_id, image_id)
        digest, before = image.digest, show_product(product_id)
        session.delete(image)
        lock_product(product_id).updated_at = clock.now()
        session.flush()
        record_product(product_id, actor, before).audit("product.image_deleted")
        if digest is not None:
            after_commit(session, lambda: drop_files([digest]))


def _get(product_id: int, image_id: int) -> ProductImage:
    statement = select(ProductImage).where(ProductImage.id == image_id, ProductImage.product_id == product_id)
    image = db.session.scalars(statement).first()
    if image is None:
        raise NotFound("There is no such picture.", code="image_not_found")
    return image


def drop_files(digests: Sequence[str]) -> None:
    """Delete the files of pictures that no product of any shop has."""
    with all_tenants():
        used = set(db.session.scalars(select(ProductImage.digest).where(ProductImage.digest.in_(digests))))
    for digest in set(digests) - used:
        delete_files(digest)

"""The logo of a shop: uploaded, made smaller, stored as WebP for pages and PNG for mails and documents."""

import hashlib
from pathlib import Path

from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import all_tenants
from shop.db.transaction import after_commit, transaction
from shop.domain.logos import MAX_HEIGHT, MAX_WIDTH, Logo
from shop.models import ShopSetting
from shop.services.actors import Actor
from shop.services.errors import InvalidInput
from shop.services.images.files import delete_files, open_picture, write_files
from shop.services.shops.settings import change_setting, get_settings

KEY = "store_logo"


def set_logo(data: bytes | None, actor: Actor) -> Logo:
    """Replace the logo of the session's shop. Raises InvalidInput naming ``logo`` if the picture cannot be used."""
    if not data:
        raise InvalidInput.of("logo", "is required")
    picture = open_picture(data, "logo")
    picture.thumbnail((MAX_WIDTH, MAX_HEIGHT))
    digest = hashlib.sha256(b"logo\0" + data).hexdigest()  # other files than those of the same picture of a product
    logo = Logo(digest, picture.width, picture.height)

    def write(folder: Path) -> None:
        picture.save(folder / f"{picture.width}.webp", "WEBP", quality=90, method=6)
        picture.save(folder / f"{picture.width}.png", "PNG", optimize=True)

    write_files(digest, write)
    _change(str(logo), actor)
    return logo


def remove_logo(actor: Actor) -> None:
    """Remove the logo of the session's shop; its name is shown instead."""
    _change("", actor)


def _change(text: str, actor: Actor) -> None:
    """Store the setting; after the commit, delete the files of the earlier logo unless a shop has it."""
    with transaction() as session:
        before = get_settings().logo
        change_setting(KEY, text, actor)
        if before is not None:
            after_commit(session, lambda: _drop(before.digest))


def _drop(digest: str) -> None:
    with all_tenants():
        named = select(ShopSetting.id).where(ShopSetting.key == KEY, ShopSetting.value.like(f"{digest}-%"))
        is_used = db.session.scalars(named.limit(1)).first() is not None
    if not is_used:
        delete_files(digest)

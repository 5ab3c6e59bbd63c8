"""Shops: created by command, found by the request's host (``docs/contract/api.md``, section 9)."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import bindparam, func, select

from shop.db.prepared import PreparedQuery, table
from shop.db.session import db
from shop.db.tenant import all_tenants, current_shop_id, in_shop
from shop.db.transaction import transaction
from shop.domain.settings import SETTINGS
from shop.domain.text.messages import N_
from shop.domain.text.slugs import NO_SLUG, slugify
from shop.models import Branch, SandboxClock, Shop, ShopHost, ShopSetting
from shop.services import clock
from shop.services.errors import Conflict, InvalidInput, NotFound


def create_shop(name: str, *, slug: str | None = None, hosts: list[str] | None = None, **settings: str) -> Shop:
    """Create a shop with its hosts and first settings.

    Raises InvalidInput for an empty name, a short name without Latin letters and digits, or a setting out of range,
    Conflict if the slug or a host is taken.
    """
    return add_shop(name, slug, hosts or [], settings, sandbox=False)


def add_shop(name: str, slug: str | None, hosts: list[str], settings: Mapping[str, str], *, sandbox: bool) -> Shop:
    """Make a live shop or a sandbox, which it stays; as :func:`create_shop` otherwise."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= 200:
        raise InvalidInput.of("name", "must have 1 to 200 characters")
    slug = slugify(slug or name, 64)
    if not slug:
        raise InvalidInput.of("slug", NO_SLUG)
    now = clock.now()
    with transaction() as session:
        if session.scalars(select(Shop).where(Shop.slug == slug)).first():
            raise Conflict("A shop with the short name %(slug)s already exists.", slug=slug)
        shop = Shop(slug=slug, name=name, sandbox=sandbox, created_at=now, updated_at=now)
        session.add(shop)
        session.flush()
        for host in hosts:
            _add_host(shop.id, host)
        with in_shop(shop.id):
            session.add(Branch(name="Main branch", is_default=True, created_at=now))
            if sandbox:
                session.add(SandboxClock(ahead_seconds=0))
            currency = settings.get("currency", SETTINGS["currency"].default).strip().upper()
            for key, value in {"store_name": name, **settings}.items():
                try:
                    text = SETTINGS[key].clean_in(value, currency)
                except KeyError:
                    raise InvalidInput.of(key, "is not a setting") from None
                except ValueError as wrong:
                    raise InvalidInput.of(key, str(wrong)) from None
                session.add(ShopSetting(key=key, value=text, updated_at=now))
            session.flush()
    return shop


def _add_host(shop_id: int, host: str) -> None:
    host = host.strip().lower()
    with all_tenants():
        if db.session.scalars(select(ShopHost).where(ShopHost.host == host)).first():
            raise Conflict("The host %(host)s already belongs to a shop.", host=host)
    with in_shop(shop_id):
        db.session.add(ShopHost(host=host))
        db.session.flush()


def list_shops() -> list[Shop]:
    """Return all shops of the installation, oldest first."""
    return list(db.session.scalars(select(Shop).order_by(Shop.id)))


def current_slug() -> str:
    """Return the short name of the session's shop."""
    return db.session.scalars(select(Shop.slug).where(Shop.id == current_shop_id())).one()


def get_shop(slug: str | None) -> Shop:
    """Return the shop with a slug; without one, the only live shop. Raises NotFound otherwise."""
    if slug is not None:
        shop = db.session.scalars(select(Shop).where(Shop.slug == slug)).first()
        if shop is None:
            raise NotFound("There is no shop with the short name %(slug)s.", slug=slug)
        return shop
    shops = list(db.session.scalars(select(Shop).where(Shop.sandbox.is_(False)).order_by(Shop.id).limit(2)))
    if len(shops) != 1:
        raise NotFound(N_("There is no shop yet.") if not shops else N_("There are several shops: name one."))
    return shops[0]


class ShopAtHost(NamedTuple):
    """The shop of a host, and its settings version."""

    id: int
    settings_mark: int


def _at_host() -> PreparedQuery:
    shops, hosts = table(Shop).c, table(ShopHost).c
    named = select(hosts.shop_id).where(hosts.host.in_([bindparam("host"), bindparam("name")])).limit(1)
    two = select(shops.id).where(shops.sandbox.is_(False)).limit(2).subquery("two")
    only = select(func.min(two.c.id)).having(func.count() == 1)
    shop_id = func.coalesce(named.scalar_subquery(), only.scalar_subquery())
    return PreparedQuery(select(shops.id, shops.settings_mark).where(shops.id == shop_id), all_tenants=True)


_AT_HOST = _at_host()
"""Executed by every request of the storefront API."""


def find_shop_for_host(host: str) -> ShopAtHost | None:
    """Return the shop of a host (with or without port); with a single live shop, that one for every host."""
    host = host.lower()
    row = _AT_HOST(host=host, name=host.rsplit(":", 1)[0]).first()
    return None if row is None else ShopAtHost(row.id, row.settings_mark)

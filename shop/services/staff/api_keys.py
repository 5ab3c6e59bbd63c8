"""API keys: the secret is shown once, and checked on every request (``docs/contract/api.md``, Who may call)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, bindparam, select

from shop.db.prepared import PreparedQuery, table
from shop.db.session import db
from shop.db.tenant import sandbox_ahead
from shop.db.transaction import transaction
from shop.domain.codes import hash_secret, new_api_key, same
from shop.models import ApiKey, Shop
from shop.services import audit_log, clock
from shop.services.actors import SYSTEM, Actor
from shop.services.errors import InvalidInput, NotFound, NotSignedIn

DEFAULT_LIFE = timedelta(days=365)
DEFAULT_RATE = 60
MAX_RATE = 10_000


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A new key with its secret, which cannot be read again."""

    id: int
    consumer_key: str
    consumer_secret: str


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """An authenticated API key: its shop and permissions."""

    key_id: int
    shop_id: int
    name: str
    may_read: bool
    may_write: bool
    rate_limit_per_minute: int
    settings_mark: int
    """Settings version of the shop, for ``use_shop``."""

    @property
    def actor(self) -> Actor:
        """The key as an actor."""
        return Actor("api_key", self.key_id, self.name)


def create_api_key(
    name: str,
    *,
    may_read: bool = True,
    may_write: bool = True,
    rate_limit_per_minute: int = DEFAULT_RATE,
    life: timedelta | None = DEFAULT_LIFE,
    expires_at: datetime | None = None,
    actor: Actor = SYSTEM,
) -> NewApiKey:
    """Create a key for the session's shop, valid for ``life`` from now, else until ``expires_at``, else for good.

    Raises InvalidInput unless it may read or write and the limit is from 1 to 10,000.
    """
    _check(name, rate_limit_per_minute, may_read, may_write)
    key, secret = new_api_key(sandbox=sandbox_ahead() is not None)
    now = clock.real_now()
    with transaction() as session:
        row = ApiKey(
            name=name.strip(),
            consumer_key=key,
            secret_hash=hash_secret(secret),
            may_read=may_read,
            may_write=may_write,
            rate_limit_per_minute=rate_limit_per_minute,
            expires_at=now + life if life else expires_at,
            created_by_id=actor.id if actor.kind == "staff" else None,
            created_at=now,
            updated_at=now,
        )
        session.add(row)
        session.flush()
        audit_log.record(actor, "api_key.created", f"api_key:{row.id}", new=row.name)
    return NewApiKey(row.id, key, secret)


_KEYS, _SHOPS = table(ApiKey).c, table(Shop).c
_HOLDER = PreparedQuery(
    select(
        _KEYS.id,
        _KEYS.shop_id,
        _KEYS.name,
        _KEYS.secret_hash,
        _KEYS.may_read,
        _KEYS.may_write,
        _KEYS.rate_limit_per_minute,
        _KEYS.expires_at,
        _SHOPS.settings_mark,
    )
    .join(table(Shop), _SHOPS.id == _KEYS.shop_id)
    .where(_KEYS.consumer_key == bindparam("consumer_key")),
    all_tenants=True,
)
"""Executed by every request of the admin API."""


def authenticate_key(consumer_key: str, consumer_secret: str) -> KeyHolder:
    """Return the holder of a key. Raises the same NotSignedIn if it is unknown, wrong, expired or deleted."""
    row = _HOLDER(consumer_key=consumer_key).first()
    expected = row.secret_hash if row else hash_secret("")
    if not same(hash_secret(consumer_secret), expected) or row is None:
        raise NotSignedIn("The API key or its secret is wrong.", code="invalid_api_key")
    if row.expires_at is not None and row.expires_at <= clock.real_now():
        raise NotSignedIn("The API key or its secret is wrong.", code="invalid_api_key")
    return KeyHolder(
        row.id,
        row.shop_id,
        row.name,
        row.may_read,
        row.may_write,
        row.rate_limit_per_minute,
        settings_mark=row.settings_mark,
    )


def list_api_keys() -> list[ApiKey]:
    """Return the keys of the session's shop, newest first."""
    return list(db.session.scalars(select(ApiKey).order_by(ApiKey.id.desc())))


def get_api_key(key_id: int) -> ApiKey:
    """Return a key of the session's shop. Raises NotFound."""
    return _one(select(ApiKey).where(ApiKey.id == key_id))


def change_api_key(
    key_id: int,
    *,
    name: str,
    rate_limit_per_minute: int,
    expires_at: datetime | None,
    may_read: bool | None = None,
    may_write: bool | None = None,
    actor: Actor,
) -> bool:
    """Change a key, effective from its next request; ``expires_at`` None: never, access None: as it is.

    Return False if nothing changed. Raises NotFound, and InvalidInput as :func:`create_api_key`.
    """
    with transaction():
        row = _lock_key(key_id)
        old = _in_words(row)
        row.may_read = row.may_read if may_read is None else may_read
        row.may_write = row.may_write if may_write is None else may_write
        _check(name, rate_limit_per_minute, row.may_read, row.may_write)
        row.name, row.rate_limit_per_minute, row.expires_at = name.strip(), rate_limit_per_minute, expires_at
        new = _in_words(row)
        if new == old:
            return False
        row.updated_at = clock.real_now()
        audit_log.record(actor, "api_key.changed", f"api_key:{row.id}", old=old, new=new)
    return True


def regenerate_key(key_id: int, actor: Actor) -> NewApiKey:
    """Replace a key's secret; the old one is void at once. An expired key is valid for another year. Raise NotFound."""
    now = clock.real_now()
    with transaction():
        row = _lock_key(key_id)
        _, secret = new_api_key(sandbox=sandbox_ahead() is not None)
        row.secret_hash = hash_secret(secret)
        row.updated_at = now
        if row.expires_at is not None and row.expires_at <= now:
            row.expires_at = now + DEFAULT_LIFE
        audit_log.record(actor, "api_key.regenerated", f"api_key:{row.id}", new=row.name)
    return NewApiKey(row.id, row.consumer_key, secret)


def revoke_key(key_id: int, actor: Actor) -> None:
    """Delete a key, effective at once. Raises NotFound."""
    with transaction() as session:
        row = _lock_key(key_id)
        audit_log.record(actor, "api_key.revoked", f"api_key:{row.id}", old=row.name)
        session.delete(row)


def _check(name: str, rate_limit_per_minute: int, may_read: bool, may_write: bool) -> None:
    if not (may_read or may_write):
        raise InvalidInput.of("permissions_json", "must allow to read or to write")
    if not 1 <= rate_limit_per_minute <= MAX_RATE:
        raise InvalidInput.of("rate_limit_per_minute", "must be from 1 to %(limit)s", limit=f"{MAX_RATE:,}")
    if not 1 <= len(name.strip()) <= 200:
        raise InvalidInput.of("name", "must have 1 to 200 characters")


def _in_words(key: ApiKey) -> str:
    end = f"until {key.expires_at:%Y-%m-%d %H:%M} UTC" if key.expires_at else "for good"
    access = "read and write" if key.may_read and key.may_write else "read only" if key.may_read else "write only"
    return f"{key.name}, {access}, {key.rate_limit_per_minute:,} calls a minute, {end}"


def _lock_key(key_id: int) -> ApiKey:
    return _one(select(ApiKey).where(ApiKey.id == key_id).with_for_update())


def _one(statement: Select[ApiKey]) -> ApiKey:
    row = db.session.scalars(statement).first()
    if row is None:
        raise NotFound("There is no such API key.")
    return row

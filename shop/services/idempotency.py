"""``Idempotency-Key``: the first response is stored and repeated (``docs/contract/api.md``, section 8).

The response is stored in the transaction of its effect, so that both exist or neither, and encrypted: it may contain an
order's payment token. A first attempt that crashed holds its key until its lease ends; then a retry takes over.
"""

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from shop.db.prepared import SHOP, PreparedQuery, table
from shop.db.transaction import transaction
from shop.db.upsert import purge_batch
from shop.domain.codes import derive_key
from shop.models import IdempotencyRecord
from shop.services import clock
from shop.services.app_config import app_config
from shop.services.errors import Conflict, IdempotencyMismatch, InvalidInput, ShopError, StillRunning, TooOften

if TYPE_CHECKING:  # a large library that few processes need
    from cryptography.fernet import MultiFernet

LEASE = timedelta(seconds=30)
KEPT = timedelta(hours=24)
T = TypeVar("T")

_RECORDS = table(IdempotencyRecord)
_R = _RECORDS.c
_SAME_KEY = (_R.shop_id == SHOP, _R.caller == bindparam("who"), _R.key == bindparam("named"))
_MINE = (*_SAME_KEY, _R.owner == bindparam("by"), _R.state == "running")
_EXPIRE = PreparedQuery(delete(_RECORDS).where(*_SAME_KEY, _R.expires_at < bindparam("now")))
_CLAIM = PreparedQuery(  # the PostgreSQL construct; SQLite accepts its SQL, too
    insert(_RECORDS).on_conflict_do_nothing(index_elements=[_R.shop_id, _R.caller, _R.key]).returning(_R.id)
)
_FINISH = PreparedQuery(
    update(_RECORDS).where(*_MINE).values(state="done", status=bindparam("code"), body=bindparam("words"))
)
_RELEASE = PreparedQuery(delete(_RECORDS).where(*_MINE))


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """A stored response: HTTP status and body, and whether it is a repetition."""

    status: int
    body: str
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """The identity of a request: its sender, its key, and its content."""

    caller: str
    key: str
    method: str
    path: str
    body: bytes

    @property
    def fingerprint(self) -> str:
        """Return a hash of method, path and body."""
        return hashlib.sha256(b"\0".join((self.method.encode(), self.path.encode(), self.body))).hexdigest()


def answer_once(
    request: Request,
    work: Callable[[], T],
    answer: Callable[[T], StoredResponse],
    refusal: Callable[[ShopError], StoredResponse],
) -> StoredResponse:
    """Run ``work`` once for a request and key; later return the stored response.

    ``answer`` and ``refusal`` turn its result, or the ShopError it raised, into the response. Raises
    IdempotencyMismatch for another request under the same key, StillRunning while the first is running, and
    InvalidInput for a key that is not 1–255 visible characters.
    """
    if not 1 <= len(request.key) <= 255 or not all(33 <= ord(letter) <= 126 for letter in request.key):
        raise InvalidInput("Idempotency-Key must be 1 to 255 visible characters.", code="invalid_idempotency_key")
    owner = secrets.token_hex(16)
    kept = _claim(request, owner)
    if kept is not None:
        return kept
    try:
        with transaction():
            result = answer(work())
            _finish(request, owner, result)
        return result
    except TooOften:
        _release(request, owner)
        raise
    except ShopError as error:
        result = refusal(error)
        with transaction():
            _finish(request, owner, result)
        return result
    except BaseException:
        _release(request, owner)
        raise


def _mine(request: Request, owner: str) -> dict[str, Any]:
    return {"who": request.caller, "named": request.key, "by": owner}


def _claim(request: Request, owner: str) -> StoredResponse | None:
    """Claim a key for this request; return the stored response if there is one."""
    now = clock.now()
    record = IdempotencyRecord
    with transaction() as session:
        same_key = (record.caller == request.caller, record.key == request.key)
        _EXPIRE(who=request.caller, named=request.key, now=now)
        claimed = _CLAIM(
            caller=request.caller,
            key=request.key,
            fingerprint=request.fingerprint,
            state="running",
            owner=owner,
            leased_until=now + LEASE,
            expires_at=now + KEPT,
        )
        if claimed.first() is not None:
            return None
        row = session.scalars(select(record).where(*same_key).with_for_update()).one()
        if row.fingerprint != request.fingerprint:
            raise IdempotencyMismatch("This Idempotency-Key was used with another request.")
        if row.state == "done":
            return StoredResponse(row.status or 200, decrypt_body(row.body or ""), replayed=True)
        if row.leased_until > now:
            raise StillRunning("The first request with this Idempotency-Key is still being processed.")
        row.owner = owner
        row.leased_until = now + LEASE
    return None


def _finish(request: Request, owner: str, result: StoredResponse) -> None:
    if _FINISH(**_mine(request, owner), code=result.status, words=_encrypt(result.body)).rowcount != 1:
        raise StillRunning("Another attempt with this Idempotency-Key took over.")


def _encrypt(body: str) -> str:
    return _cipher(*_keys()).encrypt(body.encode()).decode()


def decrypt_body(stored: str) -> str:
    """Return a stored body. Raise Conflict if no key of this installation decrypts it."""
    if stored.startswith("{"):
        return stored  # stored by a version that did not encrypt
    from cryptography.fernet import InvalidToken

    try:
        return _cipher(*_keys()).decrypt(stored.encode()).decode()
    except InvalidToken:
        raise Conflict(
            "The response to this Idempotency-Key can no longer be read.", code="idempotency_response_lost"
        ) from None


def _keys() -> list[str]:
    config = app_config()
    return [config["SECRET_KEY"], *(config["SECRET_KEY_FALLBACKS"] or ())]


@lru_cache(maxsize=4)
def _cipher(*keys: str) -> "MultiFernet":
    from cryptography.fernet import Fernet, MultiFernet

    return MultiFernet([Fernet(base64.urlsafe_b64encode(derive_key(key, "idempotency-response"))) for key in keys])


def _release(request: Request, owner: str) -> None:
    with transaction():
        _RELEASE(**_mine(request, owner))


def purge_records() -> int:
    """Delete the records of the session's shops that are older than a day; return how many."""
    # a lease longer than necessary, so that none is deleted while a request reads it
    return purge_batch(IdempotencyRecord, IdempotencyRecord.expires_at < clock.now() - LEASE)

"""Credentials of payment providers, stored encrypted."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import all_tenants, current_shop_id, in_shop
from shop.db.transaction import transaction
from shop.db.upsert import insert_or_ignore
from shop.models import PaymentSecret
from shop.services import clock, encryption
from shop.services.errors import Conflict

PURPOSE = b"tuza payment credentials v1"


class KeysLost(Conflict):
    """No key decrypts a shop's credentials."""

    code = "payment_keys_lost"


def _encrypt(values: Mapping[str, str], keys: Sequence[str], place: str) -> str:
    return encryption.encrypt(values, keys, purpose=PURPOSE, place=place)


def _decrypt(ciphertext: str, keys: Sequence[str], place: str) -> dict[str, str]:
    values = encryption.decrypt(ciphertext, keys, purpose=PURPOSE, place=place)
    if values is None:
        raise KeysLost("The payment credentials cannot be read with the keys of this installation; enter them again.")
    return values


def _place(shop_id: int, method_code: str) -> str:
    return f"{shop_id}:{method_code}"


def find_facts(method_code: str) -> dict[str, str] | None:
    """Return the public part of the shop's credentials for a method; None without credentials."""
    row = _find(method_code)
    return {name: str(value) for name, value in row.facts.items()} if row else None


def find_secrets(method_code: str, keys: Sequence[str]) -> dict[str, str] | None:
    """Return the shop's credentials for a method, public part included; None without credentials. Raises KeysLost."""
    row = _find(method_code)
    if row is None:
        return None
    facts = {name: str(value) for name, value in row.facts.items()}
    return facts | _decrypt(row.ciphertext, keys, _place(row.shop_id, method_code))


def save_credentials(
    method_code: str, facts: Mapping[str, str], values: Mapping[str, str], keys: Sequence[str]
) -> None:
    """Save or replace credentials, in the caller's transaction."""
    ciphertext = _encrypt(values, keys, _place(current_shop_id(), method_code))
    now = clock.now()
    fields = {"facts": dict(facts), "ciphertext": ciphertext, "updated_at": now}
    if not insert_or_ignore(PaymentSecret, [PaymentSecret.method_code], method_code=method_code, **fields):
        row = db.session.scalars(
            select(PaymentSecret).where(PaymentSecret.method_code == method_code).with_for_update()
        ).one()
        row.facts, row.ciphertext, row.updated_at = dict(facts), ciphertext, now
    db.session.flush()


def rotate_key(keys: Sequence[str]) -> int:
    """Encrypt every shop's credentials with the newest key; return how many. On KeysLost nothing is changed."""
    with transaction():
        with all_tenants():
            rows = list(db.session.scalars(select(PaymentSecret).order_by(PaymentSecret.id).with_for_update()))
        for row in rows:
            place = _place(row.shop_id, row.method_code)
            with in_shop(row.shop_id):
                row.ciphertext = _encrypt(_decrypt(row.ciphertext, keys, place), keys, place)
                row.updated_at = clock.now()
                db.session.flush()
    return len(rows)


def _find(method_code: str) -> PaymentSecret | None:
    return db.session.scalars(select(PaymentSecret).where(PaymentSecret.method_code == method_code)).first()

"""A shop's accounts with the providers of message channels: credentials, stored encrypted, and balances."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import all_tenants, current_shop_id, in_shop, use_shop
from shop.db.transaction import transaction
from shop.domain.codes import hash_secret, new_token
from shop.models import MessageChannel
from shop.services import audit_log, clock, encryption
from shop.services.actors import Actor
from shop.services.errors import Conflict

PURPOSE = b"tuza message credentials v1"
ADDRESS = "callback_token"


class MessageKeysLost(Conflict):
    """No key of the installation decrypts a shop's credentials."""

    code = "message_keys_lost"


def find_account(shop_id: int, code: str, keys: Sequence[str]) -> dict[str, str] | None:
    """Return a shop's account with a channel's provider, credentials included; None without one.

    Raises MessageKeysLost.
    """
    with in_shop(shop_id):
        row = find_channel(code)
        return None if row is None else {**row.facts, **_decrypt(row, keys)}


def find_channel(code: str) -> MessageChannel | None:
    """Return the session's shop's account with a channel's provider, without its credentials."""
    return db.session.scalars(select(MessageChannel).where(MessageChannel.code == code)).first()


def save_account(
    code: str, facts: Mapping[str, str], secrets: Mapping[str, str], actor: Actor, keys: Sequence[str]
) -> None:
    """Save or replace the session's shop's account; a secret that is empty stays as it was. Raises MessageKeysLost.

    The secret of the addresses that the provider calls is made once and stays.
    """
    with transaction() as session:
        row = session.scalars(select(MessageChannel).where(MessageChannel.code == code).with_for_update()).first()
        kept = _decrypt(row, keys) if row is not None else {ADDRESS: new_token()}
        values = kept | {name: value for name, value in secrets.items() if value}
        if row is None:
            row = MessageChannel(code=code, token_hash=hash_secret(values[ADDRESS]))
            session.add(row)
        row.facts, row.updated_at = dict(facts), clock.now()
        row.ciphertext = _encrypt(values, current_shop_id(), code, keys)
        row.balance_e4 = row.balance_currency = row.balance_at = None
        session.flush()
        audit_log.record(actor, "message_channel.saved", f"message_channel:{code}")


def delete_account(code: str, actor: Actor) -> bool:
    """Delete the session's shop's account with a channel's provider; return whether there was one."""
    with transaction() as session:
        row = session.scalars(select(MessageChannel).where(MessageChannel.code == code).with_for_update()).first()
        if row is None:
            return False
        session.delete(row)
        session.flush()
        audit_log.record(actor, "message_channel.deleted", f"message_channel:{code}")
        return True


def find_callback_token(code: str, keys: Sequence[str]) -> str | None:
    """Return the secret of the addresses that the provider calls; None without an account. Raises MessageKeysLost."""
    row = find_channel(code)
    return None if row is None else _decrypt(row, keys)[ADDRESS]


def use_shop_of_token(token: str) -> str | None:
    """Set the session's shop to the one whose provider calls an address; return its channel, None for a wrong token."""
    with all_tenants():
        row = db.session.scalars(select(MessageChannel).where(MessageChannel.token_hash == hash_secret(token))).first()
    if row is None:
        return None
    code = row.code
    use_shop(row.shop_id)
    return code


def save_balance(code: str, balance_e4: int, currency: str) -> None:
    """Store a balance of the session's shop that the provider has just reported."""
    with transaction() as session:
        row = session.scalars(select(MessageChannel).where(MessageChannel.code == code).with_for_update()).first()
        if row is not None:
            row.balance_e4, row.balance_currency, row.balance_at = balance_e4, currency, clock.now()
            session.flush()


def rotate_message_key(keys: Sequence[str]) -> int:
    """Encrypt the credentials of all shops with the newest key; return how many. On MessageKeysLost nothing changes."""
    with transaction() as session:
        with all_tenants():
            rows = list(session.scalars(select(MessageChannel).order_by(MessageChannel.id).with_for_update()))
        for row in rows:
            with in_shop(row.shop_id):
                row.ciphertext = _encrypt(_decrypt(row, keys), row.shop_id, row.code, keys)
                session.flush()
    return len(rows)


def _encrypt(values: Mapping[str, str], shop_id: int, code: str, keys: Sequence[str]) -> str:
    return encryption.encrypt(values, keys, purpose=PURPOSE, place=f"{shop_id}:{code}")


def _decrypt(row: MessageChannel, keys: Sequence[str]) -> dict[str, str]:
    found = encryption.decrypt(row.ciphertext, keys, purpose=PURPOSE, place=f"{row.shop_id}:{row.code}")
    if found is None:
        raise MessageKeysLost(
            "The credentials of this message channel cannot be read with the keys of this installation; "
            "enter them again."
        )
    return found

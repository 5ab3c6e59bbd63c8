"""Register the addresses at which Daraja validates and confirms payments; find the shop of such an address."""

import logging
import secrets
from datetime import timedelta
from typing import Final

from sqlalchemy import or_, select, update

from shop.db.session import db
from shop.db.tenant import all_tenants, sandbox_ahead, use_shop
from shop.db.transaction import transaction
from shop.domain.codes import hash_secret
from shop.models import CallbackRegistration
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.errors import InvalidInput, NotFound
from shop.services.payments.config import PaymentConfig
from shop.services.payments.credentials import find_secrets
from shop.services.payments.providers.base import ProviderFailed, ProviderUnsure
from shop.services.payments.providers.mpesa.provider import open_daraja

METHOD: Final = "mpesa"
RESPONSE_TYPES: Final = ("Completed", "Cancelled")
REFUSED_WORDS: Final = ("mpesa", "m-pesa", "safaricom")
"""Words that Daraja accepts in no address."""
ACCEPTED_FOR: Final = timedelta(days=1)
"""How long an address is accepted after another one took its place."""

log = logging.getLogger("tuza.payments")


def find_registration() -> CallbackRegistration | None:
    """Return the shop's newest registration; None if there is none."""
    found = select(CallbackRegistration).order_by(CallbackRegistration.id.desc()).limit(1)
    return db.session.scalars(found).first()


def takes_payments() -> bool:
    """Return whether M-Pesa confirms payments that customers of the shop send by themselves."""
    newest = find_registration()
    return newest is not None and newest.state != "failed"


def register_addresses(response_type: str, actor: Actor, config: PaymentConfig) -> CallbackRegistration:
    """Register new addresses with Daraja for the shop's short code; return the registration with its result.

    Addresses whose registration is uncertain are accepted too. No transaction is open during the call. Raises
    InvalidInput in a sandbox shop, without credentials, and for a PUBLIC_URL that Daraja does not accept; KeysLost.
    """
    if response_type not in RESPONSE_TYPES:
        raise InvalidInput.of("response_type", "must be one of %(choices)s", choices=", ".join(RESPONSE_TYPES))
    _check_address(config)
    values = find_secrets(METHOD, config.keys)
    if values is None:
        raise InvalidInput("Enter and save the credentials of M-Pesa first.")
    token = secrets.token_hex(32)  # hex cannot contain a word that Daraja refuses, such as exe
    registration_id = _add(values["short_code"], token, response_type, actor)
    db.session.rollback()
    state, result = "registered", ""
    try:
        base = config.received_url + token
        open_daraja(values, config).register_urls(response_type, f"{base}/confirmation", f"{base}/validation")
    except ProviderUnsure as unsure:
        state, result = "requested", f"{unsure} ({unsure.code})"
    except ProviderFailed as failed:
        state, result = "failed", f"{failed} ({failed.code})"
    return _finish(registration_id, state, result[:200])


def _check_address(config: PaymentConfig) -> None:
    if sandbox_ahead() is not None:
        raise InvalidInput("A sandbox shop receives no payments from M-Pesa.")
    word = next((word for word in REFUSED_WORDS if word in config.received_url.lower()), None)
    if word is not None:
        raise InvalidInput(
            "Daraja accepts no address that contains “%(word)s”: change PUBLIC_URL of this installation.", word=word
        )


def _add(short_code: str, token: str, response_type: str, actor: Actor) -> int:
    with transaction() as session:
        row = CallbackRegistration(
            short_code=short_code,
            token_hash=hash_secret(token),
            response_type=response_type,
            state="requested",
            requested_by=actor.label,
            created_at=clock.now(),
        )
        session.add(row)
        audit_log.record(actor, "setting.payment", METHOD, new="addresses")
        session.flush()
        return row.id


def _finish(registration_id: int, state: str, result: str) -> CallbackRegistration:
    row = CallbackRegistration
    with transaction() as session:
        if state == "registered":
            older = (row.id < registration_id, row.replaced_at.is_(None))
            session.execute(update(row).where(*older).values(replaced_at=clock.now()))
        found = session.scalars(select(row).where(row.id == registration_id)).one()
        found.state, found.result = state, result
        session.flush()
        return found


def use_registration(token: str) -> None:
    """Set the session's shop to that of an address. Raise NotFound for an unknown or replaced one."""
    row = CallbackRegistration
    valid = or_(row.replaced_at.is_(None), row.replaced_at > clock.real_now() - ACCEPTED_FOR)
    with all_tenants():
        found = select(row.shop_id).where(row.token_hash == hash_secret(token), row.state != "failed", valid)
        shop_id = db.session.scalars(found).first()
    if shop_id is None:
        raise NotFound("There is nothing at this address.", code="callback_not_found")
    use_shop(shop_id)

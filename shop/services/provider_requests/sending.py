"""Send a request to M-Pesa: it is stored before it is sent, and no transaction is open during the call."""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import sandbox_ahead
from shop.db.transaction import transaction
from shop.domain.codes import hash_secret
from shop.domain.payments.requests import RequestKind, RequestState
from shop.models import ProviderRequest
from shop.services import clock
from shop.services.actors import Actor
from shop.services.errors import InvalidInput
from shop.services.payments.config import PaymentConfig
from shop.services.payments.credentials import KeysLost, find_facts, find_secrets
from shop.services.payments.providers.base import ProviderFailed, ProviderUnsure
from shop.services.payments.providers.mpesa.daraja import Daraja
from shop.services.payments.providers.mpesa.provider import open_daraja
from shop.services.payments.registration import METHOD

Call = Callable[[Daraja, str], str]
"""Sends a request whose result comes at an address; returns the originator's id of it."""


def can_request(config: PaymentConfig) -> bool:
    """Return whether the shop has what requests need: an initiator and its security credential."""
    try:
        return _find_account(config) is not None
    except KeysLost:
        return False


def find_account(config: PaymentConfig) -> dict[str, str]:
    """Return the shop's credentials with an initiator. Raises InvalidInput without them, KeysLost."""
    found = _find_account(config)
    if found is None:
        raise InvalidInput(
            "Nothing was sent: enter the initiator and its security credential in the settings of M-Pesa first."
        )
    return found


def _find_account(config: PaymentConfig) -> dict[str, str] | None:
    if sandbox_ahead() is not None or find_facts(METHOD) is None:
        return None
    values = find_secrets(METHOD, config.keys) or {}
    return values if values.get("initiator") and values.get("security_credential") else None


def add_request(kind: RequestKind, actor: Actor, **fields: Any) -> tuple[int, str]:
    """Store a request to be sent, in the caller's transaction; return its id and the secret of its addresses."""
    token, now = secrets.token_hex(32), clock.now()  # hex cannot contain a word that Daraja refuses
    made = ProviderRequest(
        kind=kind,
        token_hash=hash_secret(token),
        state=RequestState.REQUESTED,
        requested_by=actor.label,
        created_at=now,
        updated_at=now,
        **fields,
    )
    db.session.add(made)
    db.session.flush()
    return made.id, token


def send_request(
    request_id: int, token: str, account: Mapping[str, str], config: PaymentConfig, call: Call
) -> ProviderRequest:
    """Send a stored request; return it. A lost answer leaves it ``requested``, and its result still counts."""
    db.session.rollback()
    state, code, message, conversation_id = RequestState.ACCEPTED, "", "", ""
    try:
        conversation_id = call(open_daraja(account, config), config.results_url + token)
    except ProviderUnsure as unsure:
        state, code, message = RequestState.REQUESTED, unsure.code, str(unsure)
    except ProviderFailed as failed:
        state, code, message = RequestState.FAILED, failed.code, str(failed)
    with transaction():
        made = lock_request(request_id)
        made.conversation_id = made.conversation_id or conversation_id
        if made.state == RequestState.REQUESTED:  # else the result came before the answer
            set_request_state(made, state, code, message)
        db.session.flush()
        return made


def lock_request(request_id: int) -> ProviderRequest:
    """Return a request of the session's shop as currently stored, locked."""
    found = select(ProviderRequest).where(ProviderRequest.id == request_id).with_for_update()
    return db.session.scalars(found.execution_options(populate_existing=True)).one()


def set_request_state(made: ProviderRequest, state: RequestState, code: str, message: str) -> None:
    """Change the state of a locked request, in the caller's transaction."""
    made.state, made.result_code, made.message = state, code[:64], message[:200]
    made.updated_at = clock.now()
    db.session.flush()

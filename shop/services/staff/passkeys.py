"""Passkeys (WebAuthn): a second factor after the password, and a way to sign in without one.

Options and responses are JSON as browsers and ``webauthn`` write it. The caller stores the challenge in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.text.messages import N_
from shop.models import StaffPasskey
from shop.services import clock
from shop.services.errors import InvalidInput, NotFound
from shop.services.staff.accounts import StaffMember
from shop.services.text_lengths import read_line

if TYPE_CHECKING:  # a large library that few requests need
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

MAX_PASSKEYS = 20
REFUSED = N_("This passkey could not be checked. Try again, or use another way.")


@dataclass(frozen=True, slots=True)
class Site:
    """The site in the browser: ``host`` without port is the relying party's id, ``origin`` with scheme and port."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True)
class Ceremony:
    """Options for the browser, and the challenge to store until it responds (both text)."""

    options: str
    challenge: str


def begin_registration(member: StaffMember, site: Site) -> Ceremony:
    """Return the options for a new passkey of a person."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers import bytes_to_base64url
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    options = generate_registration_options(
        rp_id=site.host,
        rp_name="Tuza",
        user_id=f"staff:{member.user_id}".encode(),
        user_name=member.email,
        user_display_name=member.name,
        exclude_credentials=_descriptors(member.user_id, site.host),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
    )
    return Ceremony(options_to_json(options), bytes_to_base64url(options.challenge))


def add_passkey(user_id: int, answer: str, challenge: str, site: Site, name: str) -> None:
    """Store a new passkey, in the caller's transaction. Raise InvalidInput for an invalid response."""
    from webauthn import base64url_to_bytes, verify_registration_response
    from webauthn.helpers import bytes_to_base64url
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        verified = verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
        )
    except (WebAuthnException, ValueError):
        raise InvalidInput.of("passkey", "could not be checked") from None
    credential_id = bytes_to_base64url(verified.credential_id)
    known = db.session.scalars(select(StaffPasskey.id).where(StaffPasskey.credential_id == credential_id)).first()
    if known is not None or len(list_passkeys(user_id)) >= MAX_PASSKEYS:
        raise InvalidInput.of("passkey", "is already registered, or there are too many")
    passkey = StaffPasskey(
        staff_user_id=user_id,
        host=site.host,
        credential_id=credential_id,
        public_key=bytes_to_base64url(verified.credential_public_key),
        sign_count=verified.sign_count,
        name=read_line("name", name, 200) or "Passkey",
        created_at=clock.real_now(),
    )
    db.session.add(passkey)
    db.session.flush()


def begin_authentication(site: Site, user_id: int | None = None) -> Ceremony:
    """Return the options to authenticate one person, or without ``user_id`` anyone with a passkey."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers import bytes_to_base64url
    from webauthn.helpers.structs import UserVerificationRequirement

    alone = user_id is None  # the passkey then replaces the password, and the device must verify the person
    options = generate_authentication_options(
        rp_id=site.host,
        allow_credentials=[] if user_id is None else _descriptors(user_id, site.host),
        user_verification=UserVerificationRequirement.REQUIRED if alone else UserVerificationRequirement.PREFERRED,
    )
    return Ceremony(options_to_json(options), bytes_to_base64url(options.challenge))


def check_passkey(answer: str, challenge: str, site: Site, user_id: int | None = None) -> int:
    """Return the person whose passkey responded. Raise InvalidInput if it is invalid, or not one of ``user_id``'s."""
    from webauthn import base64url_to_bytes, verify_authentication_response
    from webauthn.helpers import bytes_to_base64url, parse_authentication_credential_json
    from webauthn.helpers.exceptions import WebAuthnException

    with transaction():
        try:
            credential = parse_authentication_credential_json(answer)
            passkey = _lock(bytes_to_base64url(credential.raw_id), site.host, user_id)
            verified = verify_authentication_response(
                credential=credential,
                expected_challenge=base64url_to_bytes(challenge),
                expected_rp_id=site.host,
                expected_origin=site.origin,
                credential_public_key=base64url_to_bytes(passkey.public_key),
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=user_id is None,
            )
        except (WebAuthnException, NotFound, ValueError):
            raise InvalidInput(REFUSED) from None
        passkey.sign_count, passkey.last_used_at = verified.new_sign_count, clock.real_now()
        db.session.flush()
        return passkey.staff_user_id


def _lock(credential_id: str, host: str, user_id: int | None) -> StaffPasskey:
    statement = select(StaffPasskey).where(StaffPasskey.credential_id == credential_id, StaffPasskey.host == host)
    if user_id is not None:
        statement = statement.where(StaffPasskey.staff_user_id == user_id)
    found = db.session.scalars(statement.with_for_update()).first()
    if found is None:
        raise NotFound("There is no such passkey.")
    return found


def list_passkeys(user_id: int, host: str | None = None) -> Sequence[StaffPasskey]:
    """Return the passkeys of a person (of one host, or of all), oldest first."""
    statement = select(StaffPasskey).where(StaffPasskey.staff_user_id == user_id).order_by(StaffPasskey.id)
    return db.session.scalars(statement if host is None else statement.where(StaffPasskey.host == host)).all()


def delete_passkeys(user_id: int, passkey_id: int | None = None) -> int:
    """Delete one or all passkeys of a person, in the caller's transaction; return how many."""
    statement = delete(StaffPasskey).where(StaffPasskey.staff_user_id == user_id)
    done = db.session.execute(statement if passkey_id is None else statement.where(StaffPasskey.id == passkey_id))
    return int(done.rowcount)  # type: ignore[attr-defined]


def _descriptors(user_id: int, host: str) -> "list[PublicKeyCredentialDescriptor]":
    from webauthn import base64url_to_bytes
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    found = list_passkeys(user_id, host)
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(passkey.credential_id)) for passkey in found]

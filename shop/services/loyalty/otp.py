"""One-time codes (``docs/contract/points.md``, One-time codes and tokens).

For unknown people the same statements are executed as for known ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, case, func, insert, select, true, update

from shop.db.prepared import SHOP, PreparedQuery, table
from shop.db.session import db
from shop.db.transaction import transaction
from shop.db.upsert import purge_batch
from shop.domain.codes import (
    clean_code,
    code_from_nonce,
    hash_code,
    hash_subject,
    new_nonce,
    same,
)
from shop.domain.text.messages import N_
from shop.models import OtpChallenge
from shop.models.loyalty.otp import MAX_TRIES
from shop.observability.counters import count_code, count_refused_codes
from shop.services import clock, outbox, rate_limits
from shop.services.customers.message_routes import Addresses, enqueue_to_customer
from shop.services.customers.records import Person, clean_email, clean_phone, find_customer
from shop.services.errors import InvalidInput, TooOften
from shop.services.loyalty.redemption_tokens import issue_token
from shop.services.rate_limits import OTP_SENDS_PER_CUSTOMER, OTP_VERIFIES_PER_CUSTOMER
from shop.services.shops.settings import get_settings

CHALLENGES_KEPT = timedelta(hours=24)
SECONDS_BETWEEN_SENDS = OTP_SENDS_PER_CUSTOMER[0].seconds

_O = table(OtpChallenge).c
_OPEN = (_O.used_at.is_(None), _O.voided_at.is_(None))
ORIGIN = 16
"""The length of the part of a nonce that identifies the requesting address; the other 48 digits are random."""
TRIES_FROM_ELSEWHERE = 3
"""Attempts on a code that other addresses may use. The rest is reserved for the address that requested the code."""
_FROM_HERE = func.substr(_O.nonce, 1, ORIGIN) == bindparam("origin")
_VOID = PreparedQuery(
    update(table(OtpChallenge))
    .where(_O.shop_id == SHOP, _O.subject_hash == bindparam("subject"), _FROM_HERE, _O.voided_at.is_(None))
    .values(voided_at=bindparam("now", type_=_O.voided_at.type))
)
_CHALLENGE = PreparedQuery(insert(table(OtpChallenge)).returning(_O.id))
_TRY = PreparedQuery(
    update(table(OtpChallenge))
    .where(
        _O.shop_id == SHOP,
        _O.subject_hash == bindparam("subject"),
        _O.tries < case((_FROM_HERE, MAX_TRIES), else_=bindparam("elsewhere", type_=_O.tries.type)),
        *_OPEN,
        _O.expires_at > bindparam("now"),
    )
    .values(tries=_O.tries + 1)
    .returning(_O.id, _O.nonce, _O.code_hash)
)
_SPEND = PreparedQuery(
    update(table(OtpChallenge))
    .where(_O.shop_id == SHOP, _O.id == bindparam("challenge"))
    .values(used_at=bindparam("now", type_=_O.used_at.type))
)


class _Challenge(NamedTuple):
    id: int | None
    nonce: str
    code_hash: str


_NO_CHALLENGE = _Challenge(None, "", "")


@dataclass(frozen=True, slots=True)
class OtpConfig:
    """The installation's key for codes, and its limits per address."""

    secret_key: str
    sends_per_address_hour: int = 60
    verifies_per_address_10_minutes: int = 30


@dataclass(frozen=True, slots=True)
class Verified:
    """The result of an attempt; ``token`` is None for a wrong, used, expired or never-sent code alike."""

    token: str | None
    expires_in_minutes: int


def send_code(
    *,
    email: str | None,
    phone: str | None,
    address: str,
    config: OtpConfig,
    joining: bool = False,
    channel: str | None = None,
) -> None:
    """Send a code to the customer with an e-mail, or else a phone number, if there is one.

    ``joining``: to someone who joins the programme, whether the shop knows them or not.

    It voids an earlier code requested from the same address; those requested from elsewhere stay valid, so that no one
    can void another person's code. ``address`` is the client's network address. The shop's settings and the customer's
    addresses decide the channel; ``channel`` is used before the others if it can be. Raise TooOften past the limits,
    alike for known and unknown people, and InvalidInput for a bad e-mail or number.
    """
    asked = _asked_by(email, phone)
    with count_refused_codes("send_refused"), transaction():
        key = config.secret_key
        rate_limits.hit(
            f"send-address:{hash_subject(key, address)}",
            rate_limits.otp_sends_per_address(config.sends_per_address_hour),
            message=N_("Too many codes were requested from here. Try again later."),
        )
        asker = f"send:{hash_subject(key, asked)}"
        rate_limits.hit(
            asker,
            *OTP_SENDS_PER_CUSTOMER,
            message=N_("A code was sent a moment ago. Wait before requesting another."),
        )
        customer = find_customer(email=email, phone=phone)
        if not _may_mail(customer, asked, config):
            count_code("send_refused")
            return
        challenge_id = open_challenge(_subject(customer, asked, key), customer and customer.id, address, key)
        kind, payload = "join_code" if joining else "otp_code", {"challenge_id": challenge_id}
        addressee = Addresses.of_newcomer(asked) if joining and customer is None else customer
        is_sent = enqueue_to_customer(kind, payload, addressee, first=channel)
        if not is_sent:
            outbox.enqueue(kind, payload, recipient=None)  # the same statements as for a known person
        count_code("sent" if is_sent else "for_nobody")


def open_challenge(subject: str, customer_id: int | None, address: str, key: str) -> int:
    """Replace the code requested from an address, in the caller's transaction; return the id of the new challenge."""
    origin, now = origin_of(address, key), clock.now()
    _VOID(subject=subject, origin=origin, now=now)
    nonce = origin + new_nonce()[ORIGIN:]
    challenge_id: int = _CHALLENGE(
        subject_hash=subject,
        customer_id=customer_id,
        nonce=nonce,
        code_hash=hash_code(key, nonce, code_from_nonce(key, nonce)),
        expires_at=now + timedelta(minutes=get_settings().rules.otp_ttl_minutes),
        created_at=now,
    ).scalar_one()
    return challenge_id


def _subject(customer: Person | None, asked: str, key: str) -> str:
    return customer_subject(customer.id, key) if customer else hash_subject(key, asked)


def customer_subject(customer_id: int, key: str) -> str:
    """Return the ``subject_hash`` of a customer's challenges."""
    return hash_subject(key, f"customer:{customer_id}")


def origin_of(address: str, key: str) -> str:
    """Return the beginning of the nonce of a challenge requested from an address."""
    return hash_subject(key, f"origin:{address}")[:ORIGIN]


def _asked_by(email: str | None, phone: str | None) -> str:
    """Return the e-mail or phone of a request, before any look-up."""
    if email is not None:
        return f"email:{clean_email(email)}"
    if phone is not None:
        return f"phone:{clean_phone(phone)}"
    raise InvalidInput.of("email", "or phone is required")


def _may_mail(customer: Person | None, asked: str, config: OtpConfig) -> bool:
    """Apply the sending limits to the customer behind the e-mail or phone, whichever channel is used.

    Past them nothing is sent and no error is returned: it would reveal that both belong to the same person.
    """
    subject = f"customer:{customer.id}" if customer else f"nobody:{asked}"
    try:
        rate_limits.hit(f"mail:{hash_subject(config.secret_key, subject)}", *OTP_SENDS_PER_CUSTOMER, message="")
    except TooOften:
        return False
    return True


@dataclass(frozen=True, slots=True)
class ProvenContact:
    """An e-mail or phone whose owner entered the code sent to it; ``customer`` is None if the shop has none with it."""

    customer: Person | None


def verify_code(code: str, *, email: str | None, phone: str | None, address: str, config: OtpConfig) -> Verified:
    """Exchange a code for a redemption token. Raise as `prove_contact`."""
    with count_refused_codes("try_refused"), transaction():
        proven = prove_contact(code, email=email, phone=phone, address=address, config=config)
        minutes = get_settings().rules.redemption_token_ttl_minutes
        customer = proven.customer if proven else None
        return Verified(issue_token(customer.id, minutes) if customer else None, minutes)


def prove_contact(
    code: str, *, email: str | None, phone: str | None, address: str, config: OtpConfig
) -> ProvenContact | None:
    """Use a code up; None for a wrong, used, expired or never-sent one alike.

    An attempt is counted before the code is compared, in one statement, so that concurrent attempts get no sixth. The
    count must be kept, which is why a wrong code is a result and not an error. Raise InvalidInput, without counting,
    unless there are six digits, and TooOften past the limits.
    """
    try:
        code = clean_code(code)
    except ValueError as wrong:
        raise InvalidInput.of("code", str(wrong)) from None
    asked = _asked_by(email, phone)
    key = config.secret_key
    with transaction():
        rate_limits.hit(
            f"verify-address:{hash_subject(key, address)}",
            rate_limits.otp_verifies_per_address(config.verifies_per_address_10_minutes),
            message=N_("Too many codes were tried from here. Try again later."),
        )
        over = _count_try(f"verify:{hash_subject(key, asked)}")
        customer = find_customer(email=email, phone=phone)
        challenges = _spend_try(customer, asked, address, key, only_from_here=over is not None)
        if over is not None and not challenges:
            raise over
        used = _find_match(code, challenges, key)
        count_code("wrong" if used is None else "right")
        if used is None:
            return None
        _SPEND(challenge=used, now=clock.now())
        return ProvenContact(customer)


def _count_try(bucket: str) -> TooOften | None:
    """Count an attempt; return the error past the limit instead of raising it."""
    try:
        rate_limits.hit(bucket, OTP_VERIFIES_PER_CUSTOMER, message=N_("Too many codes were tried. Try again later."))
    except TooOften as over:
        return over
    return None


def _spend_try(customer: Person | None, asked: str, address: str, key: str, *, only_from_here: bool) -> Sequence[Any]:
    """Count an attempt on each open code of the person with attempts left for this address; return the challenges.

    Attempts are limited by person, whether e-mail or phone was used, without an error: it would reveal that both belong
    together. Past the limit of all addresses, the address that requested a code may still try it, so that no one can
    lock another person out by wrong attempts.
    """
    subject, origin = _subject(customer, asked, key), origin_of(address, key)
    here_over = _count_try(f"verify-here:{subject}:{origin}")
    elsewhere_over = _count_try(f"verify-person:{subject}")
    if here_over is not None:
        return []
    elsewhere = 0 if only_from_here or elsewhere_over is not None else TRIES_FROM_ELSEWHERE
    return _TRY(subject=subject, origin=origin, elsewhere=elsewhere, now=clock.now()).all()


def _find_match(code: str, challenges: Sequence[Any], key: str) -> int | None:
    """Return the id of the challenge with a code. At least one code is compared, for constant time."""
    found = None
    for challenge in challenges or [_NO_CHALLENGE]:
        if same(hash_code(key, challenge.nonce, code), challenge.code_hash):
            found = challenge.id
    return found


def find_open_challenge(challenge_id: int, *, joining: bool = False) -> OtpChallenge | None:
    """Return a challenge with a valid code; None if replaced, used, out of attempts or expired.

    Of a customer; with ``joining``, also of someone whom the shop does not know yet.
    """
    statement = select(OtpChallenge).where(
        OtpChallenge.id == challenge_id,
        true() if joining else OtpChallenge.customer_id.is_not(None),
        OtpChallenge.tries < MAX_TRIES,
        OtpChallenge.used_at.is_(None),
        OtpChallenge.voided_at.is_(None),
        OtpChallenge.expires_at > clock.now(),
    )
    return db.session.scalars(statement).first()


def purge_challenges() -> int:
    """Delete a batch of challenges older than 24 hours. Return how many."""
    return purge_batch(OtpChallenge, OtpChallenge.created_at < clock.now() - CHALLENGES_KEPT)

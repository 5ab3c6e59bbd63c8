"""The shop's ways to pay as its owner sets them up. Credentials go in and never come out; changes are on record."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.db.upsert import insert_or_ignore
from shop.domain.messages import Translatable
from shop.models import PaymentMethod
from shop.services import audit_log
from shop.services.actors import Actor
from shop.services.errors import FieldError, InvalidInput
from shop.services.payments.config import PaymentConfig
from shop.services.payments.credentials import find_facts, find_secrets, save_credentials
from shop.services.payments.providers.base import ProviderFailed
from shop.services.payments.providers.registry import connect

NAMES = {"cod": "Cash on Delivery", "till": "M-Pesa till", "mpesa": "M-Pesa"}
"""The ways that every shop may have, and what they are called at first."""
SECRETS = ("consumer_key", "consumer_secret", "passkey")
MPESA_MINUTES = 30
MOST_MINUTES = 43_200
NUMBER = re.compile(r"[0-9]{5,10}", re.ASCII)


@dataclass(frozen=True, slots=True)
class PaymentMethodSettings:
    """A way to pay as it is set up; ``facts`` is what may be shown of its credentials, None without any."""

    code: str
    name: str
    enabled: bool = False
    position: int = 0
    time_limit_minutes: int | None = None
    config: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] | None = None

    @property
    def sends_to(self) -> tuple[str, str]:
        """Whether money that customers send by hand goes to a ``till_number`` or ``paybill``, and its number."""
        for kind in ("till_number", "paybill"):
            if self.config.get(kind):
                return kind, self.config[kind]
        return "till_number", ""


@dataclass(frozen=True, slots=True, repr=False)
class PaymentMethodInput:
    """A way to pay as it was filled in, all texts. An empty secret leaves the one that is there as it is."""

    enabled: bool
    name: str
    position: str = "0"
    minutes: str = ""
    number_kind: str = "till_number"
    number: str = ""
    account_kind: str = "paybill"
    short_code: str = ""
    till_number: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict)


def list_method_settings() -> list[PaymentMethodSettings]:
    """The ways to pay: those that every shop may have, and the shop's own, in its order."""
    rows = list(db.session.scalars(select(PaymentMethod).order_by(PaymentMethod.position, PaymentMethod.id)))
    found = [_way(row) for row in rows]
    known = {way.code for way in found}
    missing = [PaymentMethodSettings(code, name, time_limit_minutes=_first_limit(code)) for code, name in NAMES.items()]
    return found + [way for way in missing if way.code not in known]


def _first_limit(code: str) -> int | None:
    return MPESA_MINUTES if code == "mpesa" else None


def _way(row: PaymentMethod) -> PaymentMethodSettings:
    config = {name: str(value) for name, value in row.config.items()}
    facts = find_facts(row.code) if row.code == "mpesa" else None
    return PaymentMethodSettings(row.code, row.name, row.enabled, row.position, row.time_limit_minutes, config, facts)


def save_method_settings(code: str, given: PaymentMethodInput, actor: Actor, policy: PaymentConfig) -> bool:
    """Set a way to pay up; whether anything was changed. All or nothing, and on record by the fields' names alone.

    Raises InvalidInput naming each field that cannot be.
    """
    with transaction():
        way = next((way for way in list_method_settings() if way.code == code), None)
        if way is None:
            raise InvalidInput.of("code", "is not a way to pay")
        values = _read(way, given)
        insert_or_ignore(
            PaymentMethod, [PaymentMethod.code], code=code, name=way.name, enabled=False, config={}, position=0
        )
        row = db.session.scalars(select(PaymentMethod).where(PaymentMethod.code == code).with_for_update()).one()
        changed = [name for name, value in values.items() if getattr(row, name) != value]
        for name in changed:
            setattr(row, name, values[name])
        if code == "mpesa":
            changed += _keep(given, policy)
        if changed:
            audit_log.record(actor, "setting.payment", code, new=", ".join(changed))
        db.session.flush()
    return bool(changed)


def _read(way: PaymentMethodSettings, given: PaymentMethodInput) -> dict[str, object]:
    """The columns that were filled in. Raises InvalidInput."""
    wrong: list[FieldError] = []
    name = " ".join(given.name.split())
    if not 1 <= len(name) <= 100 or not name.isprintable():
        wrong.append(FieldError("name", "must have 1 to 100 characters"))
    position = _whole(given.position or "0", 0, 999)
    if position is None:
        wrong.append(FieldError("position", "must be a whole number from 0 to 999"))
    minutes = _whole(given.minutes, 1, MOST_MINUTES) if given.minutes.strip() else None
    if given.minutes.strip() and minutes is None:
        wrong.append(
            FieldError(
                "minutes", Translatable("must be a whole number from 1 to %(limit)s, or empty", limit=MOST_MINUTES)
            )
        )
    values: dict[str, object] = {
        "name": name,
        "enabled": given.enabled,
        "position": position,
        "time_limit_minutes": minutes if way.code != "cod" else None,
    }
    if way.code == "till":
        values["config"] = _number(given, wrong)
    if way.code == "mpesa":
        _check_account(way, given, wrong)
    if wrong:
        raise InvalidInput("Nothing was changed: put right what is marked.", errors=wrong)
    return values


def _whole(typed: str, least: int, most: int) -> int | None:
    typed = typed.strip()
    number = int(typed) if re.fullmatch(r"[0-9]{1,6}", typed, re.ASCII) else -1
    return number if least <= number <= most else None


def _number(given: PaymentMethodInput, wrong: list[FieldError]) -> dict[str, str]:
    number = given.number.strip()
    kind = given.number_kind if given.number_kind in {"till_number", "paybill"} else "till_number"
    if number and not NUMBER.fullmatch(number):
        wrong.append(FieldError("number", "must be 5 to 10 digits"))
    elif given.enabled and not number:
        wrong.append(FieldError("number", "is needed: customers send the money there"))
    return {kind: number} if number else {}


def _check_account(way: PaymentMethodSettings, given: PaymentMethodInput, wrong: list[FieldError]) -> None:
    secrets = {name: given.secrets.get(name, "").strip() for name in SECRETS}
    touched = way.facts is not None or given.short_code.strip() or any(secrets.values())
    if not touched:
        if given.enabled and not way.sends_to[1]:
            wrong.append(FieldError("short_code", "is needed, and the key, the secret and the passkey with it"))
        return
    if not NUMBER.fullmatch(given.short_code.strip()):
        wrong.append(FieldError("short_code", "must be 5 to 10 digits"))
    if given.account_kind == "till" and not NUMBER.fullmatch(given.till_number.strip()):
        wrong.append(FieldError("till_number", "must be 5 to 10 digits"))
    for name, value in secrets.items():
        if not value and way.facts is None:
            wrong.append(FieldError(name, "is needed"))
        elif len(value) > 500 or not (value.isascii() and value.isprintable()) or " " in value:
            wrong.append(FieldError(name, "cannot be right: it has no spaces and at most 500 characters"))


def _keep(given: PaymentMethodInput, policy: PaymentConfig) -> list[str]:
    """Keep the credentials that were filled in over those that were there; the names of those that changed."""
    secrets = {name: given.secrets.get(name, "").strip() for name in SECRETS}
    before = find_facts("mpesa")
    if before is None and not given.short_code.strip():
        return []
    till = given.till_number.strip() if given.account_kind == "till" else ""
    kind = "till" if given.account_kind == "till" else "paybill"
    facts = {"kind": kind, "short_code": given.short_code.strip(), "till_number": till}
    changed = [name for name in facts if (before or {}).get(name) != facts[name]]
    given_names = [name for name, value in secrets.items() if value]
    if not changed and not given_names:
        return []
    if all(secrets.values()):
        kept = secrets  # no need to read those that were there: their key may be lost
    else:
        old = find_secrets("mpesa", policy.keys) or {}
        kept = {name: secrets[name] or old[name] for name in SECRETS}
    save_credentials("mpesa", facts, kept, policy.keys)
    return changed + given_names


def check_connection(policy: PaymentConfig) -> str:
    """Ask Daraja for a token as the shop; what is wrong, or nothing. Raises InvalidInput without credentials, KeysLost.

    No transaction is open meanwhile.
    """
    secrets = find_secrets("mpesa", policy.keys)
    db.session.rollback()
    if secrets is None:
        raise InvalidInput("Enter and save the credentials first.")
    try:
        connect(secrets, policy).sign_in()
    except ProviderFailed as failed:
        return f"{failed} ({failed.code})"
    return ""

"""Payment methods configured by owners. Credentials are never shown again, and changes are audited."""

import re
from collections.abc import Iterable

from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.db.upsert import insert_or_ignore
from shop.domain.text.messages import Translatable
from shop.models import PaymentMethod
from shop.services import audit_log
from shop.services.actors import Actor
from shop.services.catalogue.payment_methods import PaymentOption
from shop.services.errors import FieldError, InvalidInput
from shop.services.payments.config import PaymentConfig
from shop.services.payments.credentials import KeysLost, find_facts, find_secrets, save_credentials
from shop.services.payments.method_settings import PaymentMethodInput, PaymentMethodSettings
from shop.services.payments.providers.base import Credentials, Provider, ProviderFailed
from shop.services.payments.providers.form_fields import CheckoutTexts, SettingsForm
from shop.services.payments.providers.registry import list_providers, provider_of

MAX_MINUTES = 43_200


def list_method_settings() -> list[PaymentMethodSettings]:
    """Return the payment methods in the shop's order, including those that are not set up."""
    rows = list(db.session.scalars(select(PaymentMethod).order_by(PaymentMethod.position, PaymentMethod.id)))
    found = [_settings(row) for row in rows]
    missing = list_providers().keys() - {method.code for method in found}
    return found + [
        PaymentMethodSettings(each.code, each.name, time_limit_minutes=each.default_minutes)
        for each in list_providers().values()
        if each.code in missing
    ]


def list_settings_forms(config: PaymentConfig) -> list[SettingsForm]:
    """Return the form of each payment method, as its provider describes it."""
    return [_form(method, provider_of(method.code), config) for method in list_method_settings()]


def _form(method: PaymentMethodSettings, provider: Provider, config: PaymentConfig) -> SettingsForm:
    return SettingsForm(
        method,
        provider.description(method),
        provider.fields,
        provider.values(method),
        provider.has_time_limit,
        provider.has_credentials,
        provider.note(config),
        _saved_secrets(method, provider, config),
    )


def _saved_secrets(method: PaymentMethodSettings, provider: Provider, config: PaymentConfig) -> frozenset[str]:
    """Return the names of the secrets that are stored; of all if they cannot be read."""
    if method.facts is None:
        return frozenset()
    names = {field.name for field in provider.fields if field.is_secret}
    try:
        secrets = find_secrets(method.code, config.keys) or {}
    except KeysLost:
        return frozenset(names)
    return frozenset(name for name in names if secrets.get(name))


def checkout_texts(methods: Iterable[PaymentOption]) -> dict[str, CheckoutTexts]:
    """Return the checkout's texts of each payment method, by code."""
    return {method.code: _texts(method, provider_of(method.code)) for method in methods}


def _texts(method: PaymentOption, provider: Provider) -> CheckoutTexts:
    is_connected = provider.has_credentials and find_facts(method.code) is not None
    return provider.checkout_texts(method.config, is_connected=is_connected)


def _settings(row: PaymentMethod) -> PaymentMethodSettings:
    config = {name: str(value) for name, value in row.config.items()}
    facts = find_facts(row.code) if provider_of(row.code).has_credentials else None
    return PaymentMethodSettings(row.code, row.name, row.enabled, row.position, row.time_limit_minutes, config, facts)


def save_method_settings(code: str, form: PaymentMethodInput, actor: Actor, config: PaymentConfig) -> bool:
    """Save a payment method. Return whether anything changed.

    All or nothing; the audit log has only the names of the fields, and whether the method was switched on or off.
    Raises InvalidInput naming each invalid field.
    """
    with transaction():
        method = next((each for each in list_method_settings() if each.code == code), None)
        if method is None:
            raise InvalidInput.of("code", "is not a payment method")
        provider = provider_of(code)
        values = _read(method, form, provider)
        insert_or_ignore(
            PaymentMethod, [PaymentMethod.code], code=code, name=method.name, enabled=False, config={}, position=0
        )
        row = db.session.scalars(select(PaymentMethod).where(PaymentMethod.code == code).with_for_update()).one()
        changed = [name for name, value in values.items() if getattr(row, name) != value]
        for name in changed:
            setattr(row, name, values[name])
        credentials = provider.credentials(form)
        if credentials is not None:
            changed += _save_credentials(code, credentials, config)
        if changed:
            names = ["disabled" if name == "enabled" and not row.enabled else name for name in changed]
            audit_log.record(actor, "setting.payment", code, new=", ".join(names))
        db.session.flush()
    return bool(changed)


def _read(method: PaymentMethodSettings, form: PaymentMethodInput, provider: Provider) -> dict[str, object]:
    """Return the submitted columns. Raises InvalidInput."""
    wrong: list[FieldError] = []
    name = " ".join(form.name.split())
    if not 1 <= len(name) <= 100 or not name.isprintable():
        wrong.append(FieldError("name", "must have 1 to 100 characters"))
    position = _whole(form.position or "0", 0, 999)
    if position is None:
        wrong.append(FieldError("position", "must be a whole number from 0 to 999"))
    minutes = _whole(form.minutes, 1, MAX_MINUTES) if form.minutes.strip() else None
    if form.minutes.strip() and minutes is None:
        message = Translatable("must be a whole number from 1 to %(limit)s, or empty", limit=MAX_MINUTES)
        wrong.append(FieldError("minutes", message))
    wrong += provider.check(form, method)
    if wrong:
        raise InvalidInput("Nothing was changed. Fix the marked fields.", errors=wrong)
    values: dict[str, object] = {"name": name, "enabled": form.enabled, "position": position}
    values["time_limit_minutes"] = minutes if provider.has_time_limit else None
    public = provider.public_config(form)
    return values if public is None else values | {"config": public}


def _whole(typed: str, least: int, most: int) -> int | None:
    typed = typed.strip()
    number = int(typed) if re.fullmatch(r"[0-9]{1,6}", typed, re.ASCII) else -1
    return number if least <= number <= most else None


def _save_credentials(code: str, given: Credentials, config: PaymentConfig) -> list[str]:
    """Merge the submitted credentials into the stored ones. Return the names of those that changed."""
    before = find_facts(code) or {}
    changed = [name for name, value in given.facts.items() if before.get(name) != value]
    named = [name for name, value in given.secrets.items() if value or name in given.removed]
    if not changed and not named:
        return []
    secrets = dict(given.secrets)
    if not all(secrets.values()):  # otherwise the stored ones need not be read: their key may be lost
        old = _find_old(code, given, config)
        kept = {name: "" if name in given.removed else value for name, value in old.items()}
        secrets = {name: value or kept.get(name, "") for name, value in secrets.items()}
    save_credentials(code, given.facts, secrets, config.keys)
    return changed + named


def _find_old(code: str, given: Credentials, config: PaymentConfig) -> dict[str, str]:
    """Return the stored credentials; nothing if they cannot be read and all that are needed were submitted again."""
    try:
        return find_secrets(code, config.keys) or {}
    except KeysLost:
        if all(value for name, value in given.secrets.items() if name not in given.optional):
            return {}
        raise


def check_connection(code: str, config: PaymentConfig) -> str:
    """Sign in to a method's provider with the shop's credentials. Return the error, or an empty text.

    No transaction is open meanwhile. Raises InvalidInput without credentials, KeysLost.
    """
    secrets = find_secrets(code, config.keys)
    db.session.rollback()
    if secrets is None:
        raise InvalidInput("Enter and save the credentials first.")
    try:
        provider_of(code).sign_in(secrets, config)
    except ProviderFailed as failed:
        return f"{failed} ({failed.code})"
    return ""

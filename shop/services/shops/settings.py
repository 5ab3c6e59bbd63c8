"""Read a shop's settings typed; change one or several, with an audit entry (``docs/contract/api.md``, section 3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from sqlalchemy import select

from shop.db.prepared import SHOP, PreparedQuery, table
from shop.db.replica import reads_from
from shop.db.session import db
from shop.db.tenant import current_shop_id
from shop.db.transaction import transaction
from shop.db.upsert import insert_or_ignore
from shop.domain.logos import Logo, parse_logo
from shop.domain.loyalty.points import LoyaltyRules
from shop.domain.setting_checks import Raw
from shop.domain.settings import SETTINGS, rules_from_settings
from shop.models import LoyaltyEntry, Order, Shop, ShopSetting
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.app_config import app_config
from shop.services.errors import Conflict, FieldError, InvalidInput, NotAllowed
from shop.services.shops import second_person, settings_cache
from shop.services.shops.currency import convert_amounts

_MARK = PreparedQuery(select(table(Shop).c.settings_mark).where(table(Shop).c.id == SHOP))


@dataclass(frozen=True)
class ShopSettings:
    """All settings of a shop as texts (its own, else the defaults), with typed views."""

    values: Mapping[str, str]

    @cached_property
    def rules(self) -> LoyaltyRules:
        """The current loyalty rules."""
        return rules_from_settings(self.values)

    @property
    def currency(self) -> str:
        """The ISO 4217 code."""
        return self.values["currency"]

    @property
    def country(self) -> str:
        """The ISO 3166 code of the country whose phone number format is used."""
        return self.values["shop_country"]

    @cached_property
    def logo(self) -> Logo | None:
        """The logo; None if the shop has none."""
        return parse_logo(self.values["store_logo"])

    @property
    def public(self) -> dict[str, str]:
        """Public settings as texts; the store's name under both names that storefronts use."""
        shown = {key: value for key, value in self.values.items() if SETTINGS[key].public}
        return {**shown, "shop_name": self.values["store_name"], **self._addons}

    @property
    def _addons(self) -> dict[str, str]:
        """Return the features that a storefront may show, as switches; features of every shop are always on."""
        loyalty = self.values["loyalty_points_enabled"]
        always = {f"addon_{name}_enabled": "true" for name in ("coupons", "customer_accounts", "abandoned_carts")}
        return {"addon_loyalty_enabled": loyalty, **always}

    @property
    def allowed_origins(self) -> frozenset[str]:
        """Origins whose pages may call the storefront API with credentials."""
        return frozenset(self.values["allowed_origins"].split())


def get_settings() -> ShopSettings:
    """Return the settings of the session's shop: its own values over the defaults; an empty store name is the shop's.

    A request that has read the shop's settings version gets the cached settings of that version. A write transaction
    reads the version once; commands and the worker read it each time.
    """
    return settings_cache.remember(_read_typed, _read_mark)


def find_currency() -> str:
    """Return the currency of the session's shop, by the settings that the request has used already if it has."""
    used: ShopSettings | None = settings_cache.last_used()
    return (used or get_settings()).currency


def settings_under(mark: int) -> ShopSettings:
    """Return the settings with a version that was just read within a write transaction."""
    return settings_cache.remember(_read_typed, lambda: mark)


def _read_mark() -> int:
    with reads_from(None):
        mark: int = _MARK().scalar_one()
    return mark


def _read_typed() -> ShopSettings:
    return ShopSettings(_read_settings())


def _read_settings() -> Mapping[str, str]:
    with reads_from(None):
        own = {row.key: row.value for row in db.session.scalars(select(ShopSetting))}
        values = {key: own.get(key, setting.default) for key, setting in SETTINGS.items()}
        if not values["store_name"]:
            values["store_name"] = db.session.scalars(select(Shop.name).where(Shop.id == current_shop_id())).one()
    return values


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A changed setting, as texts."""

    key: str
    old: str
    new: str


def change_setting(key: str, value: Raw, actor: Actor) -> str:
    """Change one setting of the session's shop, with an audit entry; return the stored text.

    Raises NotAllowed for an unknown key or one that only owners may set, InvalidInput for a value out of range,
    Conflict ``currency_in_use`` for another currency once there are orders or points, and ``approval_required`` for a
    large change if the shop requires a second person.
    """
    try:
        text = _clean(key, value, {})
    except ValueError as wrong:
        raise InvalidInput.of("value", str(wrong)) from None
    with transaction():
        _lock_shop()
        _check_change({key: text}, actor)
        _write(key, text, actor)
    return text


def change_settings(
    changes: Mapping[str, Raw],
    actor: Actor,
    *,
    seen: Mapping[str, str] | None = None,
    approved: bool = False,
) -> list[SettingChange]:
    """Change several settings of the session's shop in one transaction; return those that changed.

    ``seen`` are the texts that the editor was shown. Raises NotAllowed for an unknown key, InvalidInput that names each
    key with a value out of range, Conflict that names each key changed since it was seen, and as
    :func:`change_setting`; ``approved`` if a second person has approved.
    """
    texts, errors = {}, []
    for key, value in changes.items():
        try:
            texts[key] = _clean(key, value, changes)
        except ValueError as wrong:
            errors.append(FieldError(key, str(wrong)))
    if errors:
        raise InvalidInput("Nothing was changed: some values are outside their range.", errors=errors)
    with transaction():
        _lock_shop()
        _check_change(texts, actor, approved=approved)
        made = [_write(key, texts[key], actor) for key in sorted(texts)]  # in a fixed order, which prevents deadlocks
        changed = {change.key: change for change in made if change.old != change.new}
        passed = [key for key, change in changed.items() if seen and seen.get(key, change.old) != change.old]
        if passed:
            errors = [FieldError(key, "was changed by someone else in the meantime") for key in passed]
            raise Conflict("Nothing was changed: someone else changed the same settings.", errors=errors)
    return [changed[key] for key in changes if key in changed]


def _clean(key: str, value: Raw, changes: Mapping[str, Raw]) -> str:
    """Return the text to store. Raise NotAllowed for an unknown key, ValueError for a value out of range.

    Money is in the currency among ``changes``, else in the shop's.
    """
    setting = SETTINGS.get(key)
    if setting is None:
        raise NotAllowed("This is not a setting that can be changed.", code="unknown_setting")
    if not isinstance(value, str | int | bool | Decimal):
        raise ValueError("must be a text, a number, true or false")
    currency = ""
    if setting.is_money:
        currency = str(changes["currency"]).strip().upper() if "currency" in changes else get_settings().currency
    text = setting.clean_in(value, currency)
    if "\0" in text:
        raise ValueError("must not contain NUL characters")
    if key == "allowed_origins" and "http://" in text and app_config()["TUZA_ENV"] == "production":
        raise ValueError("must be https:// origins")
    return text


def clean_settings(changes: Mapping[str, Raw]) -> dict[str, str]:
    """Return valid values as texts to store. Raises as :func:`change_setting`, ValueError out of range."""
    return {key: _clean(key, value, changes) for key, value in changes.items()}


def _check_change(texts: Mapping[str, str], actor: Actor, *, approved: bool = False) -> None:
    """Raise if only an owner may make the change, or a second person must approve it."""
    values = _read_settings()  # not the transaction's cached settings, which must include this change afterwards
    changed = {key: text for key, text in texts.items() if values[key] != text}
    second_person.check_owner(set(changed), actor)
    if not approved and second_person.is_large_change(values, {**values, **changed}):
        second_person.require_approval(values, actor)


def has_amounts() -> bool:
    """Return whether the shop has orders or points, whose amounts are in its currency."""
    found = (db.session.scalars(select(model.id).limit(1)).first() for model in (Order, LoyaltyEntry))
    return any(row is not None for row in found)


def _lock_shop() -> None:
    """Lock the shop's row: every change of a setting draws a new settings version there."""
    held = select(Shop.id).where(Shop.id == current_shop_id()).with_for_update(key_share=True)
    db.session.execute(held).one()


def _write(key: str, text: str, actor: Actor) -> SettingChange:
    """Store a setting's text and audit a change, in the caller's transaction."""
    session, default = db.session, SETTINGS[key].default
    insert_or_ignore(ShopSetting, [ShopSetting.key], key=key, value=default, updated_at=clock.now())
    row = session.scalars(select(ShopSetting).where(ShopSetting.key == key).with_for_update()).one()
    change = SettingChange(key, row.value, text)
    if row.value != text:
        if key == "currency" and has_amounts():
            errors = [FieldError(key, "cannot be changed once there are orders or points")]
            raise Conflict(
                "The currency cannot be changed: there are orders or points in %(currency)s.",
                code="currency_in_use",
                errors=errors,
                currency=row.value,
            )
        if key == "currency":
            convert_amounts(row.value, text, _read_settings())
        audit_log.record(actor, "setting.changed", key, old=row.value, new=text)
        row.value = text
        row.updated_at = clock.now()
    return change

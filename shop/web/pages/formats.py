"""Template filters for money, points, names, dates and times of the current shop."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from flask import Flask, g
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from markupsafe import Markup

from shop.db.tenant import sandbox_ahead
from shop.domain.customers.contact import phone_example, phone_start, readable_phone
from shop.domain.formats import capitalise, format_amount, format_price, group_digits, initials, signed
from shop.domain.loyalty.points import discount_for_points
from shop.domain.money import HUNDREDTHS, currency_exponent, minor_units
from shop.domain.numbers import decimal_mark, write_number
from shop.services import clock
from shop.services.shops.settings import ShopSettings, get_settings
from shop.web.pages.address_texts import country_name, customer_note

DATE = "d MMM y"


def init_app(app: Flask) -> None:
    """Register the filters that templates use."""
    app.jinja_env.globals["sandbox_clock"] = sandbox_clock
    app.jinja_env.globals["amount_format"] = amount_format
    app.jinja_env.globals["own_phone_example"] = own_phone_example
    app.jinja_env.globals["own_phone_start"] = own_phone_start
    app.jinja_env.filters.update(
        capitalised=capitalise,
        country=country_name,
        customer_note=customer_note,
        date=local_date,
        day=day,
        grouped=group_digits,
        initials=initials,
        in_field=in_field,
        iso_day=iso_day,
        lately=lately,
        message_cost=message_cost,
        money=money,
        phone=phone,
        points=points_in_words,
        signed=signed,
        when=when,
        worth=worth,
    )


def amount_format() -> tuple[int, str]:
    """Return the decimals and the decimal mark of amounts that people type, for scripts."""
    settings = shop_settings()
    return currency_exponent(settings.currency), decimal_mark(settings.country)


def sandbox_clock() -> datetime | None:
    """Return what a sandbox shop's clock says; None in a live shop."""
    return clock.now() if sandbox_ahead() is not None else None


def shop_settings() -> ShopSettings:
    """Return the shop's settings, read once per request."""
    if "shop_settings" not in g:
        g.shop_settings = get_settings()
    kept: ShopSettings = g.shop_settings
    return kept


def points_in_words(points: int) -> str:
    """Return ``1,480 points``, ``1 point``."""
    return str(ngettext("%(grouped)s point", "%(grouped)s points", points, grouped=group_digits(points)))


def money(cents: int) -> str:
    """Return ``2,400.00``, or ``2,400`` if the shop's currency has no cents."""
    return format_amount(cents, shop_settings().currency)


def in_field(amount: str) -> str:
    """Return an amount as ``read_cents`` reads it from a field: with the decimal mark of the shop's country."""
    return write_number(amount, decimal_mark(shop_settings().country))


def message_cost(hundredths: int, currency: str = "") -> str:
    """Return a cost of messages as an amount of a currency, by default the shop's."""
    currency = currency or shop_settings().currency
    return format_amount(hundredths * minor_units(currency) // HUNDREDTHS, currency)


def price(cents: int) -> str:
    """Return ``KES 2,400.00``, in the shop's currency."""
    return format_price(cents, shop_settings().currency)


def worth(points: int) -> str:
    """Return the discount that points are worth in the shop's currency: ``1480`` as ``KES 14.80``."""
    return price(discount_for_points(points, shop_settings().rules))


def phone(number: str) -> str:
    """Return ``+254712345678`` as ``0712 345678`` in Kenya; foreign numbers with their country code."""
    return readable_phone(number, shop_settings().country)


def own_phone_example() -> str:
    """Return a phone number as the shop's country writes it."""
    return phone_example(shop_settings().country)


def own_phone_start() -> str:
    """Return the first digits of mobile numbers in the shop's country; empty where they vary."""
    return phone_start(shop_settings().country)


def local_date(day: date, pattern: str = DATE) -> str:
    """Return a day as ``4 Jul 2026``."""
    return format_date(day, pattern, locale=get_locale() or "en")


def iso_day(text: str) -> str:
    """Return ``2026-07-04`` as ``4 Jul 2026``."""
    return local_date(date.fromisoformat(text))


def when(moment: datetime) -> Markup:
    """Return a time in the shop's zone, ``4 Jul 2026, 09:20``; its title has seconds and zone."""
    return _time(moment, _local(moment, f"{DATE}, HH:mm"))


def day(moment: datetime) -> Markup:
    """Return a day in the shop's zone, ``4 Jul 2026``; its title has the exact time."""
    return _time(moment, _local(moment, DATE))


def lately(moment: datetime) -> Markup:
    """Return a time in the shop's zone: ``Today, 10:42``, ``Yesterday``, else the day; its title has the exact time."""
    zone = ZoneInfo(shop_settings().values["shop_timezone"])
    here, today = moment.astimezone(zone), clock.now().astimezone(zone).date()
    if here.date() == today:
        return _time(moment, _("Today, %(time)s", time=f"{here:%H:%M}"))
    if here.date() == today - timedelta(days=1):
        return _time(moment, _("Yesterday"))
    return day(moment)


def _time(moment: datetime, text: str) -> Markup:
    exact = _local(moment, "EEEE d MMMM y, HH:mm:ss zzz")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(moment.isoformat(timespec="seconds"), exact, text)


def _local(moment: datetime, pattern: str) -> str:
    zone = ZoneInfo(shop_settings().values["shop_timezone"])
    return format_datetime(moment, pattern, tzinfo=zone, locale=get_locale() or "en")

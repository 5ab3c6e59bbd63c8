"""How pages write numbers, and what every page of the staff door knows."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from flask import current_app, g, url_for
from flask_babel import get_locale
from markupsafe import Markup

from shop.domain.money import format_money, parse_money
from shop.domain.numbers import decimal_mark, parse_number
from shop.domain.points import discount_for_points
from shop.services.loyalty.registrations import count_pending
from shop.services.shops.settings import ShopSettings, get_settings
from shop.services.staff.accounts import list_memberships
from shop.staff import blueprint, permissions
from shop.staff.session import signed_in


def shop_settings() -> ShopSettings:
    """The shop's settings as they were when this request first asked."""
    if "shop_settings" not in g:
        g.shop_settings = get_settings()
    kept: ShopSettings = g.shop_settings
    return kept


def read_number(typed: str | None) -> Decimal:
    """Return the number in a form's field, read with the habits of the shop's country. Raise ValueError."""
    return parse_number(typed or "", decimal_mark(shop_settings().country))


def read_cents(typed: str | None) -> int | None:
    """``1,245.50`` → 124550; None if it is not an amount of money, or could be read in two ways."""
    try:
        return parse_money(read_number(typed))
    except ValueError:
        return None


@blueprint.app_template_filter("grouped")
def grouped(number: int) -> str:
    """``-4200`` → ``−4,200``: thousands commas, and a true minus."""
    return f"{number:,}".replace("-", "−")


@blueprint.app_template_filter("signed")
def signed(number: int) -> str:
    """``980`` → ``+980``, ``-4200`` → ``−4,200``: a change."""
    return f"{number:+,}".replace("-", "−")


@blueprint.app_template_filter("money")
def money(cents: int) -> str:
    """``240000`` → ``2,400.00``, without the currency."""
    whole, hundredths = format_money(abs(cents)).split(".")
    return f"{'−' if cents < 0 else ''}{int(whole):,}.{hundredths}"


@blueprint.app_template_filter("initials")
def initials(name: str) -> str:
    """``Njeri wa Wairimu`` → ``NW``; ``?`` for no name."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


@blueprint.app_template_filter("when")
def when(moment: datetime) -> Markup:
    """A time in the shop's zone, ``4 Jul 2026, 09:20``, with the second and the zone in its title."""
    return _time(moment, "d MMM y, HH:mm")


@blueprint.app_template_filter("day")
def day(moment: datetime) -> Markup:
    """A day in the shop's zone, ``4 Jul 2026``, with the exact time in its title."""
    return _time(moment, "d MMM y")


@blueprint.app_template_filter("date")
def date_in_words(day: date, pattern: str = "d MMM y") -> str:
    """A day of the calendar, ``4 Jul 2026``."""
    return format_date(day, pattern, locale=get_locale() or "en")


def _time(moment: datetime, pattern: str) -> Markup:
    exact = _in_words(moment, "EEEE d MMMM y, HH:mm:ss zzz")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        moment.isoformat(timespec="seconds"), exact, _in_words(moment, pattern)
    )


def _in_words(moment: datetime, pattern: str) -> str:
    zone = ZoneInfo(shop_settings().values["shop_timezone"])
    return format_datetime(moment, pattern, tzinfo=zone, locale=get_locale() or "en")


@blueprint.app_template_filter("worth")
def worth(points: int) -> str:
    """What points take off, with the shop's currency: ``1480`` → ``KES 14.80``."""
    settings = shop_settings()
    return f"{settings.currency} {money(discount_for_points(points, settings.rules))}"


@blueprint.context_processor
def common() -> dict[str, Any]:
    """Asked for only by pages that show them, so that a refusal can be shown without the database.

    ``member()`` is the signed-in person in her shop, ``memberships()`` what she is in all of hers, ``may("…")``
    whether she may do something (``roles.MAY``), ``shop_settings()`` what the shop has set, ``waiting("…")`` how many
    things wait on a page of the navigation.
    """
    return {
        "member": lambda: signed_in().member,
        "memberships": lambda: list_memberships(signed_in().member.user_id),
        "may": lambda deed: permissions.allows(signed_in().member.role, deed),
        "shop_settings": shop_settings,
        "waiting": waiting,
        "link": link,
        "role_words": permissions.WORDS,
    }


def link(endpoint: str, **values: Any) -> str | None:
    """The address of a page; None when this installation does not have it."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


def waiting(endpoint: str) -> int:
    """How many things wait for a decision on a page, counted once a request; 0 for pages where nothing waits."""
    if endpoint != "staff.registration_list":
        return 0
    if "waiting" not in g:
        g.waiting = count_pending()
    counted: int = g.waiting
    return counted

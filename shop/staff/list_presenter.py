"""How lists write times and phone numbers: short, the exact value one hover away."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from markupsafe import Markup

from shop.domain.contact import readable_phone
from shop.services import clock
from shop.staff import blueprint
from shop.staff.formats import date_in_words, day, shop_settings


@blueprint.app_template_filter("lately")
def lately(moment: datetime) -> Markup:
    """A time in the shop's zone: ``Today, 10:42``, ``Yesterday``, else the day; the exact time is in its title."""
    zone = ZoneInfo(shop_settings().values["shop_timezone"])
    here, today = moment.astimezone(zone), clock.now().astimezone(zone).date()
    exact = day(moment)
    if here.date() == today:
        return _with_text(exact, _("Today, %(time)s", time=f"{here:%H:%M}"))
    if here.date() == today - timedelta(days=1):
        return _with_text(exact, _("Yesterday"))
    return exact


def _with_text(time: Markup, text: str) -> Markup:
    opening, _rest = str(time).split(">", 1)
    return Markup("{}{}</time>").format(Markup(f"{opening}>"), text)  # noqa: S704 (the tag is our own)


@blueprint.app_template_filter("iso_day")
def iso_day(text: str) -> str:
    """``2026-07-04`` → ``4 Jul 2026``."""
    return date_in_words(date.fromisoformat(text))


@blueprint.app_template_filter("phone")
def phone(number: str) -> str:
    """``+254712345678`` → ``0712 345678`` in Kenya; foreign numbers with their country."""
    return readable_phone(number, shop_settings().country)

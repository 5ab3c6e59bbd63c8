"""The language of a message: its translations, and templates rendered with them."""

import gettext
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context

from shop.config import RESOURCES, TRANSLATIONS
from shop.domain.formats import format_amount, group_digits
from shop.domain.text.cleaning import one_line
from shop.models.outbox import DEFAULT_CHANNEL
from shop.services.shops.settings import ShopSettings


@dataclass(frozen=True, slots=True, repr=False)
class MailContent:
    """The subject of a mail, and the variables of its templates."""

    subject: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True, repr=False)
class MailContext:
    """The shop, language and time zone for a mail's texts."""

    settings: ShopSettings
    secret_key: str
    language: str
    channel: str = DEFAULT_CHANNEL

    @property
    def shop_name(self) -> str:
        return self.settings.values["store_name"]

    def gettext(self, text: str, /, **params: Any) -> str:
        template = _translations(self.language).gettext(text)
        return template % params if params else template  # some callers insert the parameters later

    def ngettext(self, one: str, many: str, number: int, /, **params: Any) -> str:
        """Return the plural form for a number, inserted for ``%(grouped)s``."""
        template = _translations(self.language).ngettext(one, many, number)
        return template % {"grouped": group_digits(number), **params}

    def points(self, points: int) -> str:
        """Return ``1 point``, ``1,480 points``."""
        return self.ngettext("%(grouped)s point", "%(grouped)s points", points)

    def moment(self, moment: datetime) -> str:
        """Return a time in the shop's zone: ``4 Jul 2026, 09:20``."""
        zone = ZoneInfo(self.settings.values["shop_timezone"])
        return format_datetime(moment, "d MMM y, HH:mm", tzinfo=zone, locale=self.language)

    def render(self, folder: Path, template: str, values: Mapping[str, Any]) -> str:
        """Return a template of a channel's folder in the message's language."""
        return _templates(self.language, folder).get_template(template).render(language=self.language, **values)


@cache
def _translations(language: str) -> gettext.NullTranslations:
    return gettext.translation("messages", TRANSLATIONS, [language], fallback=True)


@pass_context
def _amount(context: Context, cents: int) -> str:
    """Return an amount in the currency of the mail's ``order``, else in its ``currency``."""
    order = context.get("order")
    return format_amount(cents, order.currency if order else context.get("currency") or "")


@cache
def _templates(language: str, folder: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader([folder, RESOURCES / "templates"]),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(_translations(language), newstyle=True)  # type: ignore[attr-defined]
    environment.filters |= {"amount": _amount, "grouped": group_digits, "one_line": one_line}
    return environment

"""Staff pages and settings, found by their labels."""

from collections.abc import Iterator
from typing import Any, Final

from flask import current_app, url_for
from flask_babel import gettext as _

from shop.services.staff.accounts import StaffMember
from shop.staff.loyalty_settings.fields import GROUPS
from shop.staff.navigation import NAVIGATION, NavigationItem
from shop.staff.settings.store_fields import STORE_FIELDS

SHOWN: Final = 8


def find_pages(typed: str, member: StaffMember) -> list[NavigationItem]:
    """Return the pages that a person may open and whose label contains every word; all pages for a blank search."""
    pages = (page for group in NAVIGATION for page in group.pages)
    return [page for page in pages if _exists(page) and member.may(page.permission) and _matches(typed, page.label)]


def find_settings(typed: str, member: StaffMember) -> list[tuple[str, str]]:
    """Return labels and URLs of the settings that match, at most eight; none for a blank search."""
    if not typed:
        return []
    return [(label, url) for label, help_text, url in _settings(member) if _matches(typed, label, help_text)][:SHOWN]


def _settings(member: StaffMember) -> Iterator[tuple[str, str, str]]:
    if member.may("loyalty.set"):
        for field in (field for group in GROUPS for field in group.fields):
            url = url_for("staff.loyalty_settings_show", _anchor=f"rule-{field.key}")
            yield str(field.label), str(field.help), url
    if member.may("store.set"):
        for key, label, help_text in STORE_FIELDS:
            yield str(label), str(help_text), url_for("staff.store_show", _anchor=key)
        yield _("Logo"), "", url_for("staff.store_show", _anchor="store_logo")


def _exists(page: NavigationItem) -> bool:
    return page.endpoint in current_app.view_functions


def _matches(typed: str, *texts: Any) -> bool:
    text = " ".join(str(one) for one in texts).casefold()
    return all(word in text for word in typed.casefold().split())

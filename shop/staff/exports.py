"""Lists as files, named by the shop's day, in its currency and time zone."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from flask import Response
from flask_babel import gettext

from shop.queries.listing.export import ExportContext, Filters, ListExport
from shop.services import clock
from shop.services.errors import FieldError, InvalidInput
from shop.staff.status_names import name_of
from shop.web.pages.csv_export import csv_response
from shop.web.pages.formats import shop_settings


def refuse_errors(errors: Mapping[str, str]) -> None:
    """Raise `InvalidInput` if a filter of the list is invalid."""
    if errors:
        found = [FieldError(field, message) for field, message in errors.items()]
        raise InvalidInput(" ".join(f"{one.field}: {one.message}." for one in found), errors=found)


def send_export(name: str, export: ListExport[Filters], filters: Filters) -> Response:
    """Return a list as a file ``<name>-<day>.csv``; statuses are named as on the pages."""
    settings = shop_settings()
    context = ExportContext(settings.currency, ZoneInfo(settings.values["shop_timezone"]), name_of)
    head = [gettext(column.label, currency=context.currency) for column in export.columns]
    plain = [place for place, column in enumerate(export.columns) if not column.is_checked]
    day = clock.now().astimezone(context.zone).date()
    return csv_response(f"{name}-{day.isoformat()}", head, export.rows(filters, context), plain=plain)

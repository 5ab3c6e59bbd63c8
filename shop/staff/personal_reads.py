"""Reading personal data on the staff pages: on record in the audit log once an hour, and limited by person."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import request

from shop.services.list_reads import record_read
from shop.services.rate_limits import STAFF_PERSONAL_EXPORTS, STAFF_PERSONAL_PAGES
from shop.services.staff.accounts import StaffMember
from shop.web.http.rate_limit import enforce_limit
from shop.web.pages.view_options import options_of, set_options

View = TypeVar("View", bound=Callable[..., Any])


def shows_personal_data(subject: str) -> Callable[[View], View]:
    """Mark a page that shows personal data, such as ``list:customers`` or ``customer:{customer_id}``."""
    return lambda view: set_options(view, personal_data=subject)


def exports_personal_data(view: View) -> View:
    """Mark a view that sends personal data of many people as a file."""
    return set_options(view, personal_export=True)


def count_read(member: StaffMember, view: Callable[..., Any]) -> None:
    """Count and record a read by a member of staff. Raise TooOften above the limits."""
    options = options_of(view)
    if options.personal_export:
        enforce_limit(STAFF_PERSONAL_EXPORTS, "staff-exports", str(member.user_id))
    if options.personal_data and request.method == "GET":
        enforce_limit(STAFF_PERSONAL_PAGES, "staff-pages", str(member.user_id))
        record_read(member.actor, options.personal_data.format(**request.view_args or {}))

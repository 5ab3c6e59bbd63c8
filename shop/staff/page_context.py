"""Template variables of all staff pages: the member, their shops, permissions and pending counts."""

from typing import Any

from flask import current_app, g, url_for

from shop.services.approvals.requests import count_pending as count_requests
from shop.services.loyalty.registrations import count_pending
from shop.services.orders.fulfilment.refund_money import count_refunds_to_send
from shop.services.privacy.requests import count_open
from shop.services.staff.accounts import list_memberships
from shop.staff import blueprint, permissions
from shop.staff.navigation import NAVIGATION
from shop.staff.session import signed_in
from shop.web.pages.formats import shop_settings


@blueprint.context_processor
def common() -> dict[str, Any]:
    """Functions, called only by pages that need them, so that an error page works without the database.

    ``member()`` is the signed-in member of staff, ``memberships()`` all their shops, ``may("…")`` whether they have a
    permission (``opens("…")`` without naming it below the page), ``missing()`` the names of those they do not have,
    ``shop_settings()`` the shop's settings, ``waiting("…")`` the pending count of a navigation entry.
    """
    return {
        "member": lambda: signed_in().member,
        "memberships": lambda: list_memberships(signed_in().member.user_id),
        "may": may,
        "opens": lambda permission: signed_in().member.may(permission),
        "missing": lambda: [permissions.PERMISSION_NAMES[name] for name in g.get("missing", {})],
        "shop_settings": shop_settings,
        "waiting": waiting,
        "link": link,
        "navigation_groups": NAVIGATION,
        "role_words": permissions.ROLE_NAMES,
        "role_of": permissions.role_name,
    }


def may(permission: str) -> bool:
    """Return whether the signed-in person has a permission; the page names below itself those that they do not have."""
    allowed = signed_in().member.may(permission)
    if not allowed:
        g.setdefault("missing", {})[permission] = True
    return allowed


def link(endpoint: str, **values: Any) -> str | None:
    """Return the URL of a page, or None if this installation does not have it."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


COUNTS = {
    "staff.order_list": count_refunds_to_send,
    "staff.registration_list": count_pending,
    "staff.privacy_list": count_open,
    "staff.approval_list": count_requests,
}
"""The counters of pending items by page."""


def waiting(endpoint: str) -> int:
    """Return the number of items waiting for a decision on a page, counted once per request."""
    if endpoint not in COUNTS:
        return 0
    counted: dict[str, int] = g.setdefault("waiting", {})
    if endpoint not in counted:
        counted[endpoint] = COUNTS[endpoint]()
    return counted[endpoint]

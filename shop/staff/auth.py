"""Access to the staff pages: all but those in `OPEN` need a signed-in member of the selected shop."""

from urllib.parse import urlsplit, urlunsplit

from flask import current_app, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from shop.db.tenant import use_shop
from shop.services.errors import Conflict
from shop.staff import blueprint
from shop.staff.confirmation import ask_password
from shop.staff.permissions import check_view
from shop.staff.personal_reads import count_read
from shop.staff.session import signed_in
from shop.web import replica_routing
from shop.web.http.vary import vary_on
from shop.web.i18n import use_member_language

OPEN = {
    "staff.sign_in_show",
    "staff.sign_in_submit",
    "staff.factor_show",
    "staff.factor_submit",
    "staff.passkey_sign_in_options",
    "staff.passkey_sign_in",
    "staff.password_forgotten",
    "staff.password_forgotten_submit",
    "staff.password_link",
    "staff.password_new",
    "staff.password_new_submit",
    "staff.invitation_link",
    "staff.invitation_show",
    "staff.invitation_accept",
    "staff.till_worker",
}
SHOP_HEADER = "X-Shop-Id"
"""The shop of the page that sent a fragment's request: another tab may have opened another one since."""


@blueprint.before_request
def admit() -> Response | None:
    """Redirect to the sign-in, set the tenant, check the permission and whether the password is needed again."""
    if request.endpoint in OPEN:
        return None
    if not current_user.is_authenticated:
        return _to_sign_in()
    if signed_in().session.setup_required and not _is_setup(request.endpoint or ""):
        return redirect(url_for("staff.second_factor_show"))
    member = signed_in().member
    if request.headers.get(SHOP_HEADER, str(member.shop_id)) != str(member.shop_id):
        raise Conflict(_("You opened another shop in another tab. Reload this page."))
    g.caller = f"staff:{member.user_id}"
    g.shop_id = member.shop_id
    use_shop(member.shop_id)
    use_member_language(member.language)
    replica_routing.route_reads()
    view = current_app.view_functions[request.endpoint or ""]
    check_view(member, view)
    asked = ask_password(view)
    if asked is None:
        count_read(member, view)
    return asked


def _is_setup(endpoint: str) -> bool:
    """Return whether a page can be used before a required second factor is set up."""
    return endpoint.startswith("staff.second_factor_") or endpoint in {"staff.sign_out", "staff.password_confirm"}


def _to_sign_in() -> Response:
    """Redirect to the sign-in, and from there back to the open page; scripts get 401 and the URL."""
    fragment = request.headers.get("HX-Request") == "true"
    url = url_for("staff.sign_in_show", next=_open_page() if fragment else _wanted_page())
    if fragment:
        return Response(status=401, headers={"HX-Redirect": url})
    return redirect(url)


def _wanted_page() -> str | None:
    wanted = request.full_path.rstrip("?")
    return wanted if request.method == "GET" and wanted != url_for("staff.home_show") else None


def _open_page() -> str | None:
    """Return the path of the page that sent the fragment's request; the sign-in checks that it is a local one."""
    parts = urlsplit(request.headers.get("HX-Current-URL", ""))
    return urlunsplit(("", "", parts.path, parts.query, "")) or None


@blueprint.after_request
def keep_private(response: Response) -> Response:
    """Forbid caching, so that no page is shown from the cache after sign-out."""
    response.headers.setdefault("Cache-Control", "no-store")
    vary_on(response, "HX-Request")
    return response

"""The guard of the staff pages: all but those in `OPEN` are for people who are signed in, in the shop they chose."""

from flask import current_app, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from shop.db.tenant import use_shop
from shop.staff import blueprint
from shop.staff.confirmation import ask_password
from shop.staff.permissions import check_view
from shop.staff.session import signed_in
from shop.web import replica_routing
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
}


@blueprint.before_request
def admit() -> Response | None:
    """Send strangers to the sign-in, set the tenant, and check the role and whether the password is needed again."""
    if request.endpoint in OPEN:
        return None
    if not current_user.is_authenticated:
        return _to_sign_in()
    if signed_in().session.setup_required and not _is_setup(request.endpoint or ""):
        return redirect(url_for("staff.second_factor_show"))
    member = signed_in().member
    g.caller = f"staff:{member.user_id}"
    g.shop_id = member.shop_id
    use_shop(member.shop_id)
    use_member_language(member.language)
    replica_routing.route_reads()
    view = current_app.view_functions[request.endpoint or ""]
    check_view(member, view)
    return ask_password(view)


def _is_setup(endpoint: str) -> bool:
    """Return whether a page can be used before the second factor is set up that the shop requires."""
    return endpoint.startswith("staff.second_factor_") or endpoint in {"staff.sign_out", "staff.password_confirm"}


def _to_sign_in() -> Response:
    """To the sign-in and, after a plain GET, back again; a page that asked for a fragment leaves as a whole."""
    home = url_for("staff.home_show")
    wanted = request.full_path.rstrip("?") if request.method == "GET" else home
    fragment = request.headers.get("HX-Request") == "true"
    address = url_for("staff.sign_in_show", next=None if fragment or wanted == home else wanted)
    if fragment:
        return Response(status=401, headers={"HX-Redirect": address})
    return redirect(address)


@blueprint.after_request
def keep_private(response: Response) -> Response:
    """Nothing of a shop stays in a browser's store after sign-out."""
    response.headers.setdefault("Cache-Control", "no-store")
    response.vary.add("HX-Request")
    return response

"""Confirm sensitive actions with the password.

``@requires_recent_password`` marks a view. A request is let through if the password was entered within the last ten
minutes. Otherwise the response asks for it. That page has the fields of the submitted form and submits them, with the
password, to the same URL, so that nothing has to be typed again.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from shop.services.errors import InvalidInput, TooOften
from shop.services.rate_limits import STAFF_SIGN_INS_PER_ACCOUNT
from shop.services.staff.accounts import confirm_password
from shop.services.staff.sessions import confirm_session
from shop.staff import blueprint
from shop.staff.session import local_address, signed_in
from shop.web.http.rate_limit import failures_limited
from shop.web.pages.view_options import options_of, set_options
from shop.web.request_context import client_address

View = TypeVar("View", bound=Callable[..., Any])
FIELD = "confirmation_password"
OWN_FIELDS = frozenset({FIELD, "csrf_token"})


def requires_recent_password(view: View) -> View:
    """Mark a view that requires the password within the last ten minutes."""
    return set_options(view, recent_password=True)


def ask_password(view: Callable[..., Any]) -> Response | None:
    """Return the page that asks for the password, or None if the view may run."""
    if not options_of(view).recent_password or signed_in().confirmed_recently:
        return None
    if request.method != "POST":
        return _page(url_for("staff.password_confirm", next=request.full_path.rstrip("?")), {})
    refusal = _refusal() if FIELD in request.form else ""
    if refusal is None:
        return None
    kept = {name: values for name, values in request.form.lists() if name not in OWN_FIELDS}
    if request.headers.get("HX-Request") == "true":
        kept["sure"] = ["1"]  # a script has asked already, see `confirm_first`
    return _page(request.full_path.rstrip("?"), kept, refusal)


@blueprint.post("/confirm-password")
def password_confirm() -> AnyResponse:
    """Check the password and continue to the page that asked for it."""
    refusal = _refusal()
    if refusal is not None:
        return _page(request.full_path, {}, refusal)
    return redirect(local_address(request.args.get("next")), 303)


def _refusal() -> str | None:
    """Return the error of the entered password; None if it is right, which the session records."""
    me = signed_in()
    try:
        person = str(me.member.user_id)
        with failures_limited(STAFF_SIGN_INS_PER_ACCOUNT, "confirm-password", person, client_address()):
            confirm_password(me.member.user_id, request.form.get(FIELD, ""))
    except TooOften:
        return _("Too many attempts. Wait a few minutes, then try again.")
    except InvalidInput:
        return _("This is not your password. Try again.")
    confirm_session(me.session.id)
    return None


def _page(address: str, kept: dict[str, list[str]], refusal: str = "") -> Response:
    """Return the page, swapped in by htmx for whatever the request would have updated."""
    page = render_template("staff/account/confirm.html", address=address, kept=kept, refusal=refusal, field=FIELD)
    headers = {"HX-Retarget": "#content", "HX-Reselect": "#content", "HX-Reswap": "outerHTML"}
    return Response(page, 422 if refusal else 403, headers)

"""Signing in again without losing the page: a page in the other tab picks up the new session's CSRF token."""

from flask import Response, jsonify, render_template
from flask_wtf.csrf import generate_csrf

from shop.staff import blueprint
from shop.staff.session import signed_in


@blueprint.get("/session")
def session_show() -> Response:
    """Return the CSRF token and the shop of the signed-in session as JSON."""
    return jsonify(csrf_token=generate_csrf(), shop_id=signed_in().member.shop_id)


@blueprint.get("/session/restored")
def session_restored() -> str:
    """Render the page that follows a sign-in in a second tab."""
    return render_template("staff/session_restored.html")

"""Signing in with a one-time code, and out."""

from flask import redirect, url_for
from werkzeug.wrappers import Response

from shop.customer_page import blueprint
from shop.customer_page.requests import render
from shop.web.pages import code_sign_in


@blueprint.post("/code")
def code_send() -> tuple[str, int]:
    """Send a code to the customer with this e-mail or phone; the response is the same if there is none."""
    form = code_sign_in.request_code()
    return render("sign_in.html", form=form), form.status


@blueprint.post("/sign-in")
def sign_in() -> Response | tuple[str, int]:
    """Sign in with the code."""
    form = code_sign_in.sign_in()
    if form is not None:
        return render("sign_in.html", form=form), form.status
    return redirect(url_for("customer_page.overview"), 303)


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End the session."""
    code_sign_in.sign_out()
    return redirect(url_for("customer_page.overview"), 303)

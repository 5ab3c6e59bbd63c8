"""One URL returns a page or, to htmx, its fragment."""

import json
from typing import Any

from flask import Response, flash, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse


def wants_fragment() -> bool:
    """Return whether htmx will swap the response into the open page."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
        and headers.get("HX-Request-Type") != "full"  # replaces the body, for example after HX-Location
    )


def render_page_or_fragment(page: str, fragment: str, *, status: int = 200, **context: Any) -> Response:
    """Return the page, or the fragment that htmx asked for; an invalid form has status 422."""
    return Response(render_template(fragment if wants_fragment() else page, **context), status)


def confirm_first(question: str, action: str, back: str) -> str | None:
    """Return a confirmation page, or None if it was confirmed.

    With scripts the browser has asked already (``hx-confirm``); without them the page submits the form again with
    ``sure``.
    """
    by_script = request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"
    if by_script or request.form.get("sure") == "1":
        return None
    return render_template("staff/confirm.html", question=question, action=action, back=back)


def redirect_with_message(url: str, message: str, *, replace: bool = False) -> AnyResponse:
    """Redirect to ``url`` with a message; htmx does so without a full page load.

    With ``replace`` it takes the place of the open page in the history, for example of a page that is deleted.
    """
    flash(message)
    if wants_fragment():
        location = json.dumps({"path": url, "replace": "true"}) if replace else url
        return Response(status=204, headers={"HX-Location": location})
    return redirect(url, 303)

"""One URL sends a whole page or, to htmx, the fragment that the page includes."""

from typing import Any

from flask import Response, flash, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse


def wants_fragment() -> bool:
    """Return whether htmx will put the response into the current page."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
        and headers.get("HX-Request-Type") != "full"  # replaces the body, for example after HX-Location
    )


def show(page: str, fragment: str, *, status: int = 200, **context: Any) -> Response:
    """Return the page, or the fragment if htmx asked for it. A form with errors has status 422."""
    return Response(render_template(fragment if wants_fragment() else page, **context), status)


def ask_first(question: str, deed: str, back: str) -> str | None:
    """Return a page that asks for confirmation, or None if the request is confirmed.

    With scripts the browser has asked already (``hx-confirm``); without them the form is sent again with ``sure``.
    """
    by_script = request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"
    if by_script or request.form.get("sure") == "1":
        return None
    return render_template("staff/confirm.html", question=question, deed=deed, back=back)


def done(address: str, message: str) -> AnyResponse:
    """Redirect to an address and show a message there. htmx goes there without a full page load."""
    flash(message)
    if wants_fragment():
        return Response(status=204, headers={"HX-Location": address})
    return redirect(address, 303)

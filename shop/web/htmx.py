"""One address, page or fragment: what htmx asks for in place is a part of what a browser gets whole (style, rule 8)."""

from typing import Any

from flask import Response, flash, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse


def wants_fragment() -> bool:
    """Whether the answer goes into a place on the page that is there already."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
        and headers.get("HX-Request-Type") != "full"  # it goes into the body, after an HX-Location for one
    )


def show(page: str, fragment: str, *, status: int = 200, **context: Any) -> Response:
    """The page, or only the fragment of it that htmx asked for; a refused form comes as 422."""
    return Response(render_template(fragment if wants_fragment() else page, **context), status)


def ask_first(question: str, deed: str, back: str) -> str | None:
    """A page that asks before something is taken away for good; None once that was answered.

    With scripts the browser has asked already (``hx-confirm``); without them the form comes again with ``sure``.
    """
    by_script = request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"
    if by_script or request.form.get("sure") == "1":
        return None
    return render_template("staff/confirm.html", question=question, deed=deed, back=back)


def done(address: str, message: str) -> AnyResponse:
    """After a deed: on to an address, where the message is shown. htmx goes there without loading the page anew."""
    flash(message)
    if wants_fragment():
        return Response(status=204, headers={"HX-Location": address})
    return redirect(address, 303)

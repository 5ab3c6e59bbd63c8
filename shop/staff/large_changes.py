"""Confirmation of a large change: a page with its figures, which submits the form again."""

from collections.abc import Sequence

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from shop.web.pages.htmx import redirect_with_message

FIELD = "confirmed"
OWN_FIELDS = frozenset({FIELD, "csrf_token"})
Figure = tuple[str, str, str]
"""A changed value: its name, its value before, and its value after."""


def ask_to_confirm(heading: str, figures: Sequence[Figure], *, back: str, note: str = "") -> Response | None:
    """Return a confirmation page with the effects, or None if it was confirmed."""
    if request.form.get(FIELD) == "1":
        return None
    kept = {name: values for name, values in request.form.lists() if name not in OWN_FIELDS}
    page = render_template(
        "staff/confirm_figures.html",
        heading=heading,
        figures=figures,
        note=note,
        address=request.full_path.rstrip("?"),
        back=back,
        kept=kept,
        field=FIELD,
    )
    headers = {"HX-Retarget": "#content", "HX-Reselect": "#content", "HX-Reswap": "outerHTML"}
    return Response(page, 200, headers)


def sent_for_approval() -> AnyResponse:
    """Redirect to the approvals with the message that a second person must approve."""
    return redirect_with_message(url_for("staff.approval_list"), _("Sent for approval. Nothing was changed yet."))

"""Confirming a large change: a page with its figures, which submits the same form once more."""

from collections.abc import Sequence

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from shop.web.pages.htmx import redirect_with_message

FIELD = "confirmed"
OWN_FIELDS = frozenset({FIELD, "csrf_token"})
Figure = tuple[str, str, str]
"""What changes, its value now, and the value after."""


def ask_to_confirm(heading: str, figures: Sequence[Figure], *, back: str, note: str = "") -> Response | None:
    """Return a page that shows what will happen and asks once more, or None if that was answered."""
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
    """Go to the list of approvals and say that somebody else has to agree."""
    return redirect_with_message(url_for("staff.approval_list"), _("Sent for approval. Nothing was changed yet."))

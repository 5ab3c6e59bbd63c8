"""Imports: list, upload, match columns, review rows, import, undo."""

from collections.abc import Sequence
from typing import Final

from flask import Response, current_app, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from shop.domain.statuses import ImportState, ImportVerdict, UndoResult
from shop.services.errors import InvalidInput, ShopError
from shop.services.imports.lines import list_lines, stream_lines
from shop.services.imports.records import (
    Import,
    ImportFile,
    create_import,
    get_import,
    list_imports,
    set_columns,
    start_apply,
    start_undo,
)
from shop.services.imports.registry import KINDS, find_kind
from shop.staff import blueprint
from shop.staff.imports import presenter
from shop.staff.permissions import requires
from shop.staff.personal_reads import exports_personal_data, shows_personal_data
from shop.staff.session import signed_in
from shop.web.i18n import sentence_case, translate
from shop.web.pages.csv_export import csv_response
from shop.web.pages.formats import own_phone_example
from shop.web.pages.htmx import confirm_first, redirect_with_message, render_page_or_fragment
from shop.web.pages.view_options import accepts_upload

ID: Final = "<id:import_id>"
ROWS: Final = 50


@blueprint.get("/imports")
@requires("imports.manage")
def import_list() -> Response:
    """List the newest imports."""
    kind = request.args.get("kind", "")
    kind = kind if kind in KINDS else ""
    page = "staff/imports/index.html"
    return render_page_or_fragment(page, page, imports=list_imports(kind or None), kind=kind, words=presenter)


@blueprint.get("/imports/new")
@requires("imports.manage")
def import_new() -> Response:
    """Show the form for a file."""
    return _new(request.args.get("kind", ""))


def _new(kind: str, refusal: str = "", status: int = 200) -> Response:
    kind = kind if kind in KINDS else "customers"
    page = "staff/imports/new.html"
    megabytes = current_app.config["IMPORT_MAX_BYTES"] // (1024 * 1024)
    context = {"kind": kind, "refusal": refusal, "megabytes": megabytes, "words": presenter}
    return render_page_or_fragment(page, page, status=status, **context)


@blueprint.post("/imports")
@requires("imports.manage")
@accepts_upload("IMPORT_MAX_BYTES")
def import_create() -> AnyResponse:
    """Store a file and go to the page for matching columns."""
    kind, sent = request.form.get("kind", ""), request.files.get("file")
    data = sent.read() if sent is not None else b""
    if not data:
        return _new(kind, _("Choose a file."), 422)
    name = (sent.filename or "") if sent is not None else ""
    try:
        made = create_import(ImportFile(kind, data, name, wait=True), signed_in().member.actor)
    except InvalidInput as refused:
        return _new(kind, _problem(refused), 422)
    return redirect_with_message(url_for("staff.import_show", import_id=made.id), _("File uploaded"))


def _problem(refused: ShopError) -> str:
    message = refused.errors[0].message if refused.errors else refused.message
    return sentence_case(translate(message))


@blueprint.get("/imports/template.csv")
@requires("imports.manage")
def import_template() -> Response:
    """Send a template file: all headings and one row."""
    kind = request.args.get("kind", "")
    kind = kind if kind in KINDS else "customers"
    sample = dict(find_kind(kind).sample)
    if "phone" in sample:
        sample["phone"] = own_phone_example()
    return csv_response(kind, list(sample), [list(sample.values())])


@blueprint.get(f"/imports/{ID}")
@requires("imports.manage")
@shows_personal_data("list:imports")
def import_show(import_id: int) -> Response:
    """Show an import's progress and its rows; htmx polls while the worker processes it."""
    found = get_import(import_id)
    if found.state == ImportState.UPLOADED:
        return _columns(found)
    return _show(found)


def _show(found: Import) -> Response:
    verdict, kept = request.args.get("verdict", ""), request.args.get("undone", "")
    verdict = verdict if verdict in list(ImportVerdict) else ""
    undone = UndoResult(kept) if kept in list(UndoResult) else None
    page = max(1, request.args.get("page", 1, int))
    shown = min(page, 10_000)
    lines, total = list_lines(found.id, verdict or None, page=shown, limit=ROWS, undone=undone)
    headings = presenter.headings_by_field(found)
    return render_page_or_fragment(
        "staff/imports/show.html",
        "staff/imports/_import.html",
        found=found,
        rows=[presenter.RowView.of(line, headings) for line in lines],
        total=total,
        number=page,
        more=total > page * ROWS,
        verdict=verdict,
        undone=undone,
        words=presenter,
    )


@blueprint.get(f"/imports/{ID}/columns")
@requires("imports.manage")
def import_columns(import_id: int) -> Response:
    """Show the columns of a file again."""
    return _columns(get_import(import_id))


def _columns(found: Import, fields: Sequence[str] = (), *, refusal: str = "", status: int = 200) -> Response:
    columns = presenter.columns_of(found, fields or found.mapping)
    context = {"columns": columns, "choices": presenter.choices_of(found), "words": presenter}
    page = "staff/imports/columns.html"
    return render_page_or_fragment(page, page, status=status, found=found, refusal=refusal, **context)


@blueprint.post(f"/imports/{ID}/columns")
@requires("imports.manage")
def import_columns_set(import_id: int) -> AnyResponse:
    """Match the columns and queue the check of the rows."""
    found = get_import(import_id)
    fields = [request.form.get(f"column-{number}", "") for number in range(len(found.headings))]
    options = {"phones_verified": request.form.get("phones_verified") == "1"}
    try:
        set_columns(import_id, fields, options, signed_in().member.actor)
    except ShopError as refused:
        return _columns(found, fields, refusal=_problem(refused), status=422)
    return redirect_with_message(url_for("staff.import_show", import_id=import_id), _("The rows are being checked"))


@blueprint.post(f"/imports/{ID}/apply")
@requires("imports.manage")
def import_apply(import_id: int) -> AnyResponse:
    """Import the rows that were checked."""
    start_apply(import_id, signed_in().member.actor)
    return redirect_with_message(url_for("staff.import_show", import_id=import_id), _("Import started"))


@blueprint.post(f"/imports/{ID}/undo")
@requires("imports.manage")
def import_undo(import_id: int) -> AnyResponse:
    """Undo an import, after a confirmation."""
    here = url_for("staff.import_show", import_id=import_id)
    asked = confirm_first(presenter.undo_question(), _("Undo import"), here)
    if asked is not None:
        return Response(asked)
    start_undo(import_id, signed_in().member.actor)
    return redirect_with_message(here, _("Undo started"))


@blueprint.get(f"/imports/{ID}/refused.csv")
@requires("imports.manage")
@exports_personal_data
def import_refused(import_id: int) -> Response:
    """Send the refused rows as a file, which can be corrected and imported."""
    found = get_import(import_id)
    headings, width = presenter.headings_by_field(found), len(found.headings)
    rows = (
        [*(line.raw + [""] * width)[:width], presenter.explain(line, headings)]
        for line in stream_lines(import_id, ImportVerdict.REFUSED)
    )
    return csv_response(f"import-{import_id}-refused", [*found.headings, _("Problem")], rows)

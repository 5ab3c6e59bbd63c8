"""Imports of files (``docs/contract/api.md``, section 10)."""

from flask import request

from shop.api import blueprint
from shop.api.auth import current_actor
from shop.schemas.imports import (
    FileImportResponse,
    ImportForm,
    ImportLineOut,
    ImportLinesData,
    ImportLinesResponse,
    LineQuery,
)
from shop.services.errors import InvalidInput
from shop.services.imports.lines import list_lines
from shop.services.imports.records import (
    ImportFile,
    create_import,
    get_import,
    start_apply,
    start_undo,
)
from shop.web.i18n import translate
from shop.web.json_api.endpoint import endpoint

ID = "<id:import_id>"
TAG = "Imports"


@blueprint.post("/imports")
@endpoint(
    FileImportResponse,
    tag=TAG,
    form=ImportForm,
    file="file",
    file_limit="IMPORT_MAX_BYTES",
    status=202,
    access="api_key",
)
def import_create(form: ImportForm, file: bytes | None) -> FileImportResponse:
    """Import a CSV or Excel file

    The rows are checked in the background, each with a verdict, and applied when you say so; at once with
    `dry_run: false`. Empty cells change nothing. Two rows about the same thing: the first is accepted.

    One row is one product: `external_id`, `sku`, `barcode` or `slug` finds an existing one. Categories are paths such
    as `Food > Dairy`, separated by `;` like tags; `variants` is a JSON list. Or one row is one customer, found by
    `external_id`, verified phone or e-mail; `points_balance` is given to customers without points.
    """
    if file is None:
        raise InvalidInput.of("file", "is required")
    sent = request.files.get("file")
    name = (sent.filename or "") if sent is not None else ""
    options = {"phones_verified": form.phones_verified}
    given = ImportFile(form.kind, file, name, form.mapping, options, apply_at_once=not form.dry_run)
    return FileImportResponse.of(create_import(given, current_actor()))


@blueprint.get(f"/imports/{ID}")
@endpoint(FileImportResponse, tag=TAG, errors=[404], access="api_key")
def import_show(import_id: int) -> FileImportResponse:
    """Get an import

    Its state and the counts of its rows. Ask again until the worker has finished.
    """
    return FileImportResponse.of(get_import(import_id))


@blueprint.get(f"/imports/{ID}/rows")
@endpoint(ImportLinesResponse, tag=TAG, query=LineQuery, errors=[404], access="api_key")
def import_row_list(import_id: int, query: LineQuery) -> ImportLinesResponse:
    """List the rows of an import with their verdicts

    With what was read, and the reason if a row was refused.
    """
    lines, total = list_lines(import_id, query.verdict, page=query.page, limit=query.limit)
    rows = [ImportLineOut.of(line, translate(line.message)) for line in lines]
    return ImportLinesResponse(data=ImportLinesData(rows=rows, total=total, page=query.page, limit=query.limit))


@blueprint.post(f"/imports/{ID}/apply")
@endpoint(FileImportResponse, tag=TAG, status=202, errors=[404, 409], access="api_key")
def import_apply(import_id: int) -> FileImportResponse:
    """Apply a checked import

    409 `import_state` unless it is checked.
    """
    return FileImportResponse.of(start_apply(import_id, current_actor()))


@blueprint.post(f"/imports/{ID}/undo")
@endpoint(FileImportResponse, tag=TAG, status=202, errors=[404, 409], access="api_key")
def import_undo(import_id: int) -> FileImportResponse:
    """Undo an applied import

    What it added is deleted, or archived if it was sold; what it changed is made what it was before. What was changed
    since stays; those rows are `kept` and say why. Within 30 days.
    """
    return FileImportResponse.of(start_undo(import_id, current_actor()))

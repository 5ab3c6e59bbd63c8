"""Imports of files (``docs/contract/api.md``, section 10)."""

import json
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Field, create_model

from shop.domain.statuses import ImportState, ImportVerdict
from shop.models import Import
from shop.schemas.envelope import Envelope
from shop.schemas.json_names import unique_names
from shop.schemas.types import Count, Moment, PageQuery, RequestModel, ResponseModel
from shop.services.imports.lines import LineView


def _object(raw: Any) -> Any:
    try:
        return json.loads(raw, object_pairs_hook=unique_names) if isinstance(raw, str) else raw
    except (ValueError, RecursionError):
        raise ValueError('must be a JSON object such as {"Item": "name"}, with each heading once') from None


class ImportForm(RequestModel):
    """A CSV or Excel file to import, as a form."""

    file: Annotated[str | None, Field(description="The file; required.", examples=["the bytes of the file"])] = None
    kind: Annotated[Literal["customers", "products"], Field(examples=["products"])]
    mapping: Annotated[
        dict[str, str],
        BeforeValidator(_object),
        Field(
            max_length=100,
            description="JSON: a field for each heading of the file. Without it, fields are guessed from the headings.",
            examples=['{"Item": "name", "Price": "price"}'],
            json_schema_extra={"type": "string"},
        ),
    ] = {}
    dry_run: Annotated[bool, Field(description="False to apply the rows after checking them.")] = True
    phones_verified: Annotated[
        bool, Field(description="True if the phones of customers were proved, unless `phone_verified` says else.")
    ] = False


class LineQuery(PageQuery):
    """Page of an import's rows."""

    verdict: Annotated[ImportVerdict | None, Field(examples=["refused"])] = None


class ImportCounts(ResponseModel):
    """How many rows have each verdict."""

    new: Count
    changed: Count
    unchanged: Count
    skipped: Count
    refused: Count
    held: Annotated[
        int,
        Field(
            examples=[2],
            description="Wait for the approval of a second manager or owner; left out if none does.",
            exclude_if=lambda value: value == 0,
        ),
    ] = 0


class ImportOut(ResponseModel):
    """An import and how far it is. ``counts`` are of the rows processed in this state."""

    id: Annotated[int, Field(examples=[7])]
    kind: Annotated[str, Field(examples=["products"])]
    filename: Annotated[str, Field(examples=["products.csv"])]
    state: Annotated[ImportState, Field(examples=["checked"])]
    total_rows: Count
    done_rows: Count
    counts: ImportCounts
    created_at: Moment
    applied_at: Annotated[Moment | None, Field(examples=[None])]
    mapping: Annotated[
        dict[str, str], Field(description="The field of each heading.", examples=[{"Item": "name", "Price": "price"}])
    ]
    undo_counts: Annotated[
        dict[str, int],
        Field(description="Rows that were `restored`, and `kept` for they were changed since.", examples=[{}]),
    ]

    @classmethod
    def of(cls, found: Import) -> Self:
        """Return an import."""
        return cls(
            id=found.id,
            kind=found.kind,
            filename=found.filename,
            state=ImportState(found.state),
            total_rows=found.total_rows,
            done_rows=found.next_row - 1,
            counts=ImportCounts(**found.counts),
            created_at=found.created_at,
            applied_at=found.applied_at,
            mapping={heading: name for heading, name in zip(found.headings, found.mapping, strict=False) if name},
            undo_counts=found.undo_counts,
        )


FIELD: Final[dict[str, Any]] = {"import": (ImportOut, ...)}
"""The field's name is a keyword of Python."""
FileImportData = create_model("FileImportData", __base__=ResponseModel, __doc__="An import.", **FIELD)


class FileImportResponse(Envelope):
    """An import."""

    data: FileImportData  # type: ignore[valid-type]

    @classmethod
    def of(cls, found: Import) -> Self:
        """Return the response for an import."""
        return cls(data=FileImportData(**{"import": ImportOut.of(found)}))


class ImportLineOut(ResponseModel):
    """A row of an import."""

    row: Annotated[int, Field(examples=[1])]
    verdict: Annotated[str | None, Field(description="Null until it is checked.", examples=["refused"])]
    message: Annotated[str, Field(examples=["price cannot be read: ten."])]
    field: Annotated[str, Field(description="The field that `message` is about.", examples=["price"])]
    cells: Annotated[dict[str, str], Field(examples=[{"name": "Maziwa", "price": "ten"}])]
    undone: Annotated[
        str | None, Field(description="`restored` or `kept`, once the import is undone.", examples=[None])
    ]

    @classmethod
    def of(cls, line: LineView, message: str) -> Self:
        """Return a row; ``message`` is in the language of the caller."""
        return cls(
            row=line.number,
            verdict=line.verdict,
            message=message,
            field=line.field,
            cells=line.cells,
            undone=line.undone,
        )


class ImportLinesData(ResponseModel):
    """A page of an import's rows."""

    rows: list[ImportLineOut]
    total: Count
    page: Annotated[int, Field(examples=[1])]
    limit: Annotated[int, Field(examples=[20])]


class ImportLinesResponse(Envelope):
    """A page of an import's rows."""

    data: ImportLinesData

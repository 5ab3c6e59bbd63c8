"""Importing customers (``docs/contract/api.md``, section 2)."""

from json import dumps
from typing import Annotated, Any

from pydantic import Field

from shop.domain.customers.fields import BY_NAME
from shop.domain.statuses import ImportVerdict
from shop.schemas.customers.fields import CustomerFieldsIn
from shop.schemas.envelope import Envelope
from shop.schemas.types import Count, Described, RequestModel, ResponseModel, ShortText
from shop.services.imports.customers import ImportRow


class CustomerImportRow(CustomerFieldsIn):  # type: ignore[valid-type,misc]
    """A customer to import, with an e-mail, a phone, or the external id of one who is there; empty means unknown."""

    phone_verified: Annotated[
        bool | None, Field(description="The phone was proved to be theirs, by a code or to staff.", examples=[True])
    ] = None
    loyalty_status: Annotated[
        ShortText | None, Field(description="`active` joins the programme.", examples=["active"])
    ] = None
    points_balance: Annotated[
        int | None,
        Field(strict=True, ge=0, le=1_000_000_000, description="Of a customer without entries.", examples=[1480]),
    ] = None

    @property
    def row(self) -> ImportRow:
        """Return the row as the services take it."""
        return ImportRow(
            fields={name: getattr(self, name) or "" for name in BY_NAME},
            phone_verified=bool(self.phone_verified),
            loyalty_status=self.loyalty_status or "",
            points_balance=self.points_balance,
        )

    @property
    def cells(self) -> dict[str, str]:
        """Return the row as an import stores it."""
        is_active = (self.loyalty_status or "").strip().lower() == "active"
        cells = {"points_balance": str(self.points_balance or 0)}
        cells |= {"phone_verified": "yes"} if self.phone_verified else {}
        cells |= {"loyalty_status": "yes"} if is_active else {}
        for name in BY_NAME:
            value = getattr(self, name) or ""
            if isinstance(value, dict):
                cells |= {f"{name}.{key}": one if isinstance(one, str) else dumps(one) for key, one in value.items()}
            else:
                cells[name] = ", ".join(value) if isinstance(value, list) else value
        return cells


class CustomerImport(RequestModel):
    """Up to 1,000 customers to import; each is accepted or rejected on its own."""

    rows: Annotated[
        list[Annotated[Any, Described(CustomerImportRow)]],
        Field(
            min_length=1,
            max_length=1000,
            examples=[[{"email": "customer@example.com", "phone": "0712345678", "points_balance": 1480}]],
        ),
    ]
    results: Annotated[bool, Field(strict=True, description="List what each row did.", examples=[False])] = False
    dry_run: Annotated[
        bool, Field(strict=True, description="Change nothing, and answer as if it were done.", examples=[False])
    ] = False


class RefusedRow(ResponseModel):
    """A rejected row: its number, from 1, its e-mail or phone, and the reason."""

    row: Annotated[int, Field(examples=[3])]
    identifier: Annotated[str, Field(examples=["0712"])]
    error: Annotated[str, Field(examples=["phone must be a phone number such as 0712 123456 or +254712123456."])]


class RowResult(ResponseModel):
    """The result of a row: its number, from 1, and the reason if it was skipped."""

    row: Annotated[int, Field(examples=[1])]
    verdict: Annotated[ImportVerdict, Field(examples=["changed"])]
    reason: Annotated[str | None, Field(examples=[None])] = None


class ImportData(ResponseModel):
    """The result of an import. ``imported`` rows are ``new``, ``changed`` or ``unchanged``."""

    imported: Count
    skipped: Annotated[int, Field(examples=[1])]
    new: Count
    changed: Count
    unchanged: Count
    held: Annotated[
        int,
        Field(
            examples=[2],
            description="Those of the skipped rows that wait for a second manager or owner; left out if none does.",
            exclude_if=lambda value: value == 0,
        ),
    ] = 0
    errors: list[RefusedRow]
    results: Annotated[
        list[RowResult] | None,
        Field(description="What each row did, if asked for with `results`.", exclude_if=lambda value: value is None),
    ] = None


class ImportResponse(Envelope):
    """The result of an import."""

    data: ImportData

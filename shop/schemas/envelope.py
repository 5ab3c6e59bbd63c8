"""The envelope of every response (``docs/contract/api.md``, section 1)."""

from typing import Annotated, Literal

from pydantic import Field

from shop.schemas.error_codes import ERROR_CODES
from shop.schemas.types import ResponseModel


class Envelope(ResponseModel):
    """A success. Each response adds its own ``data``."""

    status: Literal["success"] = "success"


class Message(Envelope):
    """A success with a message and no data."""

    message: Annotated[str, Field(examples=["Customer deleted"])]


class ProblemField(ResponseModel):
    """An invalid field of the request."""

    field: Annotated[str, Field(examples=["items[0].quantity"])]
    message: Annotated[str, Field(examples=["must be at least 1"])]


class Problem(ResponseModel):
    """An error: a message for people, a stable code, and the invalid fields, if any."""

    status: Literal["error"]
    message: Annotated[str, Field(examples=["items[0].quantity must be at least 1."])]
    code: Annotated[
        str,
        Field(
            description="New codes may be added; treat one you do not know by its HTTP status.",
            examples=["invalid_request"],
            json_schema_extra={"enum": list(ERROR_CODES)},
        ),
    ]
    errors: Annotated[list[ProblemField] | None, Field(exclude_if=lambda value: value is None)] = None
    merged_into: Annotated[
        int | None,
        Field(
            description="Id of the customer that the one asked for was merged into.",
            exclude_if=lambda value: value is None,
        ),
    ] = None

"""What every answer is wrapped in (``docs/contract/api.md``, section 1)."""

from typing import Annotated, Literal

from pydantic import Field

from shop.schemas.types import Out


class Envelope(Out):
    """A success; each answer adds its own ``data``."""

    status: Literal["success"] = "success"


class Message(Envelope):
    """A success that has nothing to give but a word."""

    message: Annotated[str, Field(examples=["Customer deleted"])]


class ProblemField(Out):
    """One field of the request that was refused."""

    field: Annotated[str, Field(examples=["items[0].quantity"])]
    message: Annotated[str, Field(examples=["must be at least 1"])]


class Problem(Out):
    """A refusal or failure: a sentence a person can act on, a stable code, and the fields when some were wrong."""

    status: Literal["error"]
    message: Annotated[str, Field(examples=["items[0].quantity must be at least 1."])]
    code: Annotated[str, Field(examples=["invalid_request"])]
    errors: Annotated[list[ProblemField] | None, Field(exclude_if=lambda value: value is None)] = None

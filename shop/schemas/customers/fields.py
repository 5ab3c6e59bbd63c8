"""The fields of a customer in requests and responses, made from their one definition."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints, create_model

from shop.domain.customers.fields import FIELDS, CustomerField
from shop.schemas.types import RequestModel, ResponseModel, cleaned_line


def _typed(field: CustomerField) -> Any:
    """The type and default of a field in a request; it is read by the service."""
    extra: dict[str, Any] = {"format": "email"} if field.kind == "email" else {}
    constraints = StringConstraints(strict=True, max_length=field.length)
    text = Annotated[str, constraints, cleaned_line, Field(examples=[field.example], json_schema_extra=extra)]
    return (text | None, None)


def _stored(field: CustomerField) -> Any:
    """The type of a field in a response; always there."""
    kind = str if field.empty == "" else str | None
    return (Annotated[kind, Field(examples=[field.example])], ...)


CustomerFieldsIn = create_model(
    "CustomerFieldsIn", __base__=RequestModel, **{field.name: _typed(field) for field in FIELDS}
)
CustomerFieldsOut = create_model(  # the id comes first, as in every other response
    "CustomerFieldsOut",
    __base__=ResponseModel,
    id=(Annotated[int, Field(examples=[42])], ...),
    **{field.name: _stored(field) for field in FIELDS},
)

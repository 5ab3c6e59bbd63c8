"""The fields of a customer in requests and responses, made from their one definition."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints, create_model

from shop.domain.customers.fields import FIELDS, MAX_KEYS, MAX_TAGS, CustomerField
from shop.schemas.types import RequestModel, ResponseModel, cleaned_line

DESCRIPTIONS = {
    "birthday": "A day such as 1990-04-12.",
    "external_id": "The customer's id in another system, unique in the shop.",
    "metadata": "Texts of yours by key; up to 50. The keys given change, an empty text removes a key.",
    "custom_fields": "Values of the fields that the shop defines, by key, such as `shirt_size`. The keys given change.",
}


def _typed(field: CustomerField) -> Any:
    """Return the type and default of a field in a request; it is read by the service."""
    about = Field(examples=[field.example], description=DESCRIPTIONS.get(field.name))
    if field.kind == "map":
        text = Annotated[str, StringConstraints(strict=True, max_length=500)]
        return (Annotated[dict[str, text], Field(max_length=MAX_KEYS), about] | None, None)
    extra: dict[str, Any] = {"format": "email"} if field.kind == "email" else {}
    constraints = StringConstraints(strict=True, max_length=field.length)
    line = Annotated[str, constraints, cleaned_line, Field(json_schema_extra=extra)]
    if field.kind == "tags":
        return (Annotated[list[line], Field(max_length=MAX_TAGS), about] | None, None)
    return (Annotated[line, about] | None, None)


def _stored(field: CustomerField) -> Any:
    """Return the type of a field in a response; always there."""
    kinds: dict[str, Any] = {"map": dict[str, str], "tags": list[str]}
    kind = kinds.get(field.kind, str if field.empty == "" else str | None)
    return (Annotated[kind, Field(examples=[field.example], description=DESCRIPTIONS.get(field.name))], ...)


CustomerFieldsIn = create_model(
    "CustomerFieldsIn", __base__=RequestModel, **{field.name: _typed(field) for field in FIELDS}
)
CustomerFieldsOut = create_model(  # the id comes first, as in every other response
    "CustomerFieldsOut",
    __base__=ResponseModel,
    id=(Annotated[int, Field(examples=[42])], ...),
    **{field.name: _stored(field) for field in FIELDS},
)

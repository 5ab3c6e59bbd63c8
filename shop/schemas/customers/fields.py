"""The fields of a customer in requests and responses, made from their one definition."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints, create_model

from shop.domain.customers.fields import FIELDS, MAX_KEYS, MAX_TAGS, MAX_VALUE, CustomerField
from shop.schemas.types import MetadataValueIn, RequestModel, ResponseModel, cleaned_day, cleaned_line

DESCRIPTIONS = {
    "birthday": "A day such as 1990-04-12.",
    "external_id": "The customer's id in another system, unique in the shop.",
    "metadata": "Up to 50 values of your own by key: texts, whole numbers, true and false. The keys given change; null "
    "or an empty text removes a key, null instead of the object all of them.",
    "custom_fields": "Values of the fields that the shop defines, by key, such as `shirt_size`. The keys given change.",
}


def _typed(field: CustomerField) -> Any:
    """Return the type and default of a field in a request; it is read by the service."""
    about = Field(examples=[field.example], description=DESCRIPTIONS.get(field.name))
    if field.kind == "map":
        text: Any = Annotated[str, StringConstraints(strict=True, max_length=MAX_VALUE)]
        value: Any = MetadataValueIn if field.name == "metadata" else text
        return (Annotated[dict[str, value], Field(max_length=MAX_KEYS), about] | None, None)
    extra: dict[str, Any] = {"format": "email"} if field.kind == "email" else {}
    constraints = StringConstraints(strict=True, max_length=field.length)
    cleaned = cleaned_day if field.kind == "date" else cleaned_line
    line = Annotated[str, constraints, cleaned, Field(json_schema_extra=extra)]
    if field.kind == "tags":
        return (Annotated[list[line], Field(max_length=MAX_TAGS), about] | None, None)
    return (Annotated[line, about] | None, None)


def _stored(field: CustomerField) -> Any:
    """Return the type of a field in a response; always there."""
    values: Any = str | int | bool if field.name == "metadata" else str
    kinds: dict[str, Any] = {"map": dict[str, values], "tags": list[str]}
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

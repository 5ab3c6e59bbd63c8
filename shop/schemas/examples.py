"""Examples composed from the examples of a schema's fields."""

from typing import Any


def example_of(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """Return an example of a schema, composed from the examples of its parts."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas)
    if schema.get("examples"):
        return schema["examples"][0]
    for word in ("example", "const"):
        if word in schema:
            return schema[word]
    if "enum" in schema:
        return schema["enum"][0]
    if "properties" in schema:
        return {name: example_of(part, schemas) for name, part in schema["properties"].items()}
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], schemas)
    if schema.get("type") == "array":
        return [example_of(schema.get("items", {}), schemas)]
    if "default" in schema:
        return schema["default"]
    plain = {"string": "", "integer": 1, "number": 1, "boolean": True, "object": {}, "null": None}
    return plain.get(schema.get("type", "object"))

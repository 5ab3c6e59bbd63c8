"""JSON objects in which a name is there once."""

from typing import Any


class RepeatedName(ValueError):
    """An object of a JSON text has a name twice: readers differ in which value counts."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object, as a hook of :func:`json.loads`. Raise RepeatedName."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise RepeatedName(name)
        found[name] = value
    return found

"""The application's configuration, for services that need a setting of the installation."""

from collections.abc import Callable, Mapping
from typing import Any

_find: Callable[[], Mapping[str, Any]] | None = None


def provide_config(find: Callable[[], Mapping[str, Any]]) -> None:
    """Set the function that returns the current application's configuration; ``create_app`` calls it."""
    global _find
    _find = find


def app_config() -> Mapping[str, Any]:
    """Return the current application's configuration."""
    assert _find is not None, "create_app has not run"
    return _find()

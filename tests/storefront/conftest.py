"""Fixtures of the tests that call every operation."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.operations import World, build_world


@pytest.fixture
def world(inside: Callable[..., Any]) -> World:
    """A shop with a record for every path."""
    found: World = inside(build_world)
    return found

"""Fixtures of the tests that ask every operation."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.operations import World, build_world


@pytest.fixture
def world(inside: Callable[..., Any]) -> World:
    """A shop with something to ask for at every address."""
    found: World = inside(build_world)
    return found

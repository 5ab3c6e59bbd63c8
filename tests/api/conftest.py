"""Fixtures of the tests that call every operation."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.clients import ShopClient
from tests.support.operations import World, build_world


@pytest.fixture
def world(client: ShopClient, inside: Callable[..., Any]) -> World:
    """A shop with a record for every path; the client is signed in as its customer."""
    found: World = inside(build_world)
    client.carry(found.shopper)
    return found

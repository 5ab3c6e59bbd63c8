"""Fixtures of the tests that call every operation."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests import factories
from tests.factories import ShopAtHand
from tests.support.clients import ShopClient
from tests.support.operations import SampleRecords, make_sample_records


@pytest.fixture
def sample(client: ShopClient, inside: Callable[..., Any]) -> SampleRecords:
    """A shop with a record for every path; the client is signed in as its customer."""
    found: SampleRecords = inside(make_sample_records)
    client.carry(found.shopper)
    return found


@pytest.fixture(scope="module")
def kept(_apps: Callable[[str], Flask], engine_name: str) -> tuple[ShopAtHand, SampleRecords]:
    """A shop with a record for every path, for modules whose tests change nothing."""
    with _apps(engine_name).app_context():
        return factories.make_shop(), make_sample_records()

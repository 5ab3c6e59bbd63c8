"""Fixtures of the tests that call every operation."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.clients import ShopClient
from tests.support.operations import SampleRecords, make_sample_records


@pytest.fixture
def sample(client: ShopClient, inside: Callable[..., Any]) -> SampleRecords:
    """A shop with a record for every path; the client is signed in as its customer."""
    found: SampleRecords = inside(make_sample_records)
    client.carry(found.shopper)
    return found

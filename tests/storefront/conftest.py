"""Fixtures of the tests that call every operation."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.operations import SampleRecords, make_sample_records


@pytest.fixture
def sample(inside: Callable[..., Any]) -> SampleRecords:
    """A shop with a record for every path."""
    found: SampleRecords = inside(make_sample_records)
    return found

"""Invalid requests, all in one shop, since none of them changes anything."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from shop.services.events.numbering import number_events
from tests import factories
from tests.factories import ShopAtHand
from tests.support.clients import ShopClient
from tests.support.operations import SampleRecords, make_sample_records
from tests.support.rows import snapshot

COUNTERS = {"rate_windows", "api_keys", "audit_entries"}
"""Tables that change: attempts stay counted, and the tests create keys."""


@pytest.fixture(scope="session")
def engine_name() -> str:
    """PostgreSQL refuses values that SQLite stores: what passes the checks fails there."""
    return "postgresql"


@pytest.fixture(scope="module")
def shop_with_records(_apps: Callable[[str], Flask], engine_name: str) -> tuple[ShopAtHand, SampleRecords]:
    """A shop with a record for every path."""
    with _apps(engine_name).app_context():
        return factories.make_shop(), make_sample_records()


@pytest.fixture
def shop(shop_with_records: tuple[ShopAtHand, SampleRecords]) -> ShopAtHand:
    """The shop that the tests of a module share."""
    return shop_with_records[0]


@pytest.fixture
def sample(client: ShopClient, shop_with_records: tuple[ShopAtHand, SampleRecords]) -> SampleRecords:
    """Its records; the client is signed in as its customer."""
    client.carry(shop_with_records[1].shopper)
    return shop_with_records[1]


@pytest.fixture(autouse=True)
def _nothing_changes(inside: Callable[..., Any], shop: ShopAtHand, sample: SampleRecords) -> Iterator[None]:
    inside(number_events)
    before = inside(snapshot, shop.id)
    yield
    after = inside(snapshot, shop.id)
    assert {table for table in before if before[table] != after[table]} <= COUNTERS

"""Random JSON for every POST, PUT and PATCH: never a server error, always a documented response."""

import itertools
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.support.databases import ENGINES
from tests.support.operations import WITH_BODY, Operation, fields_of, with_field

ON_AN_ENGINE = list(zip(WITH_BODY, itertools.cycle(ENGINES), strict=False))
SMALL = settings(
    max_examples=25, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
ODD_TEXTS = [
    "",
    " ",
    "\0",
    "\ud800",
    "\x1f",
    "é",
    "🥛" * 50,
    "%00",
    "'; DROP TABLE orders; --",
    "1e400",
    "-0",
    "NaN",
    "../..",
]
NUMBERS = (
    st.integers() | st.integers(-(2**70), 2**70) | st.floats() | st.sampled_from([2**63, -(2**63), 10**400, 1e308])
)
LEAVES = st.none() | st.booleans() | NUMBERS | st.text(max_size=30) | st.sampled_from(ODD_TEXTS)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
)


@pytest.mark.parametrize(("operation", "engine_name"), ON_AN_ENGINE, ids=str)
def test_no_body_is_a_server_error(api, sample, operation: Operation) -> None:
    assert operation.body is not None
    body = operation.body(sample)
    fields = [path for path, _ in fields_of(body)]

    def send(sent: Any) -> None:
        answer = api.call(
            operation.method, operation.url(sample), data=json.dumps(sent), content_type="application/json"
        )
        assert answer.status_code < 500, answer.text

    @SMALL
    @given(JSON)
    @example({})
    def anything(sent: Any) -> None:
        send(sent)

    @SMALL
    @given(st.lists(st.tuples(st.sampled_from(fields), JSON), min_size=1, max_size=3))
    def nearly_right(changes: list[tuple[str, Any]]) -> None:
        sent = body
        for path, value in changes:
            sent = with_field(sent, path, value)
        send(sent)

    anything()
    nearly_right()

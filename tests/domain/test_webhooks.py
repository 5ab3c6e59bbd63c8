"""When a delivery is tried again, and the size of its body."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from shop.domain.webhooks import (
    FAILING_FOR,
    GONE,
    MAX_BODY,
    OLD_SECRET_FOR,
    encode_body,
    read_retry_after,
    retry_delay,
)

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


def test_the_schedule():
    hours = [timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)]
    expected = [timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), *hours, None]
    assert [retry_delay(tries, 500, None, 0) for tries in range(1, 11)] == expected


def test_jitter_adds_at_most_a_tenth():
    assert retry_delay(2, 500, None, 1000) == timedelta(seconds=330)


@pytest.mark.parametrize(
    ("status", "after", "expected"),
    [
        (429, 400, 400),  # at least that
        (503, 400, 400),
        (429, 10, 300),  # never sooner than planned
        (503, 9999, 600),  # at most twice the delay
        (500, 400, 300),  # only 429 and 503 name a time
        (None, 400, 300),
    ],
)
def test_retry_after(status, after, expected):
    assert retry_delay(2, status, timedelta(seconds=after), 0) == timedelta(seconds=expected)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Wed, 25 Nov 2026 08:02:00 GMT", 120),
        ("Wed, 25 Nov 2026 07:00:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
        ("9" * 9, 999_999_999),
        ("9" * 10, None),
        ("9" * 30, None),
    ],
)
def test_retry_after_is_a_number_or_a_date(header, seconds):
    assert read_retry_after(header, NOW) == (None if seconds is None else timedelta(seconds=seconds))


def test_a_body_stays_below_20_kb_and_says_what_it_left_out():
    items = [{"name": "Unga wa ngano 2 kg " + "x" * 80}] * 300
    body = {"type": "order.placed", "data": {"order": {"id": 7, "items": items, "notes": "short"}, "previous": {}}}
    encoded = encode_body(body)
    assert len(encoded) <= MAX_BODY
    data = json.loads(encoded)["data"]
    assert data["order"] == {"id": 7, "notes": "short"}
    assert data["omitted"] == ["order.items"]
    assert len(body["data"]["order"]["items"]) == 300


def test_a_small_body_is_compact_utf_8():
    assert encode_body({"type": "x", "data": {"name": "Wanjirũ"}}) == '{"type":"x","data":{"name":"Wanjirũ"}}'.encode()


def test_delays_add_up_to_three_days():
    total = sum((retry_delay(tries, 500, None, 0) for tries in range(1, 10)), timedelta())
    assert timedelta(days=3) < total < timedelta(days=4)


def test_without_a_time_named_the_planned_delay_counts():
    assert retry_delay(2, 429, None, 0) == timedelta(minutes=5)


def test_a_body_of_exactly_20_kb_is_sent_whole_and_no_more_than_needed_is_left_out():
    def body(**order):
        return {"data": {"order": order}}

    full = MAX_BODY - len(encode_body(body(notes="")))
    assert json.loads(encode_body(body(notes="x" * full))) == body(notes="x" * full)
    left = {"data": {"order": {"notes": ""}, "omitted": ["order.items"]}}
    room = MAX_BODY - len(encode_body(left))
    encoded = encode_body(body(notes="x" * room, items="y" * MAX_BODY))
    assert len(encoded) == MAX_BODY
    assert json.loads(encoded)["data"]["omitted"] == ["order.items"]


def test_the_promises_of_the_documentation():
    assert (timedelta(days=5), timedelta(hours=24)) == (FAILING_FOR, OLD_SECRET_FOR)
    assert (MAX_BODY, GONE) == (20_000, 410)

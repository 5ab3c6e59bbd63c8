"""Internal errors as HTTP responses: the right status, the envelope, and no internal details."""

import pytest
from psycopg import errors as pg
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

INSIDE = "secret words of the inside"


def wrapped(kind, original):
    return kind("SELECT 1", {}, original(INSIDE))


@pytest.mark.parametrize(
    ("error", "status", "code", "retry"),
    [
        (RuntimeError(INSIDE), 500, "internal_error", None),
        (AssertionError(INSIDE), 500, "internal_error", None),
        (wrapped(IntegrityError, pg.UniqueViolation), 409, "conflict", None),
        (wrapped(OperationalError, pg.DeadlockDetected), 409, "conflict", None),
        (wrapped(OperationalError, pg.SerializationFailure), 409, "conflict", None),
        (wrapped(DataError, pg.NumericValueOutOfRange), 400, "invalid_request", None),
        (wrapped(OperationalError, pg.AdminShutdown), 503, "unavailable", "5"),
        (wrapped(InterfaceError, pg.ConnectionException), 503, "unavailable", "5"),
        (PoolTimeout(INSIDE), 503, "unavailable", "5"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_an_internal_error_hides_its_message(api, sample, monkeypatch, error, status, code, retry):
    def broken(*_):
        raise error

    monkeypatch.setattr("shop.api.orders.set_order_status", broken)
    answer = api.put(f"/orders/{sample.order}/status", {"status": "completed"})
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert answer.headers.get("Retry-After") == retry
    assert INSIDE not in answer.text


def test_a_page_of_errors_that_is_broken_itself_still_answers(client, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError(INSIDE)

    monkeypatch.setattr("shop.web.error_handlers.render_template", broken)
    answer = client.get("/nothing")
    assert (answer.status_code, answer.mimetype) == (404, "text/plain")
    assert answer.text == "There is nothing at this address.\n"


def test_a_redirect_is_left_as_it_is(client):
    answer = client.get("/staff")
    assert (answer.status_code, answer.headers["Location"]) == (308, f"http://{client.host}/staff/")

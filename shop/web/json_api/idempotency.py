"""``Idempotency-Key``: the first response is stored and sent again, byte for byte."""

from collections.abc import Callable

from flask import Response, current_app, g, request
from pydantic import BaseModel

from shop.domain.codes import hash_subject
from shop.services.idempotency import Request, StoredResponse, answer_once
from shop.web.error_handlers import problem_body, status_of
from shop.web.json_api.requests import to_json
from shop.web.request_context import client_address

RANDOM_KEY, VARIED = 32, 8
"""The length, and the number of different characters, from which a key counts as random, as a UUID is."""


def answer_idempotently(view: Callable[[], BaseModel | tuple[BaseModel, int]], status: int) -> Response:
    """Run a view once per key, and store its response in the same transaction."""
    asked = Request(
        caller=g.get("caller") or _guest(),
        key=request.headers["Idempotency-Key"],
        method=request.method,
        path=request.path,
        body=request.get_data(),
    )
    answer = answer_once(
        asked,
        view,
        lambda result: _stored(result, status),
        lambda error: StoredResponse(status_of(error), problem_body(error)),
    )
    response = Response(answer.body, answer.status, mimetype="application/json")
    if answer.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def _stored(result: BaseModel | tuple[BaseModel, int], status: int) -> StoredResponse:
    model, status = result if isinstance(result, tuple) else (result, status)
    return StoredResponse(status, to_json(model))


def _guest() -> str:
    """Return the identity of a request without session or API key.

    A random key is a secret of one guest, so that a retry after a change of network gets the first response. A key that
    others could choose as well is bound to the address.
    """
    key = request.headers["Idempotency-Key"]
    if len(key) >= RANDOM_KEY and len(set(key)) >= VARIED:
        return "guest"
    return f"guest:{hash_subject(current_app.config['SECRET_KEY'], client_address())}"

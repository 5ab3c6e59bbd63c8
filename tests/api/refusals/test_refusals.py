"""Errors of every operation, in the envelope, with nothing changed."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests import factories
from tests.support.clients import ApiCaller
from tests.support.operations import OPERATIONS, WITH_BODY, Operation, SampleRecords

ADMIN = tuple(operation for operation in OPERATIONS if operation.admin)
ALL_METHODS = {"POST", "GET", "PUT", "PATCH", "DELETE", "PROPFIND"}


def assert_refused(answer: TestResponse, status: int, code: str | None = None) -> dict[str, Any]:
    """Check the envelope of an error, which the client has checked against the document already."""
    assert answer.status_code == status, answer.text
    problem: dict[str, Any] = answer.get_json()
    assert code is None or problem["code"] == code
    assert problem["message"].endswith((".", ")"))
    return problem


def key(client: Any, inside: Callable[..., Any], **rights: Any) -> ApiCaller:
    """A new key of the shop."""
    made = inside(factories.make_api_key, **rights)
    return ApiCaller(client, made.consumer_key, made.consumer_secret)


def send(caller: Any, operation: Any, sample: SampleRecords, **kwargs: Any) -> TestResponse:
    """Send the valid request of an operation as a caller."""
    if isinstance(caller, ApiCaller):
        return caller.call(operation.method, operation.url(sample), **operation.sent(sample), **kwargs)
    return caller.open(operation.url(sample), method=operation.method, **operation.sent(sample), **kwargs)


def test_a_request_without_key_is_refused(client, sample, subtests):
    for operation in ADMIN:
        with subtests.test(str(operation)):
            answer = send(client, operation, sample)
            assert_refused(answer, 401, "api_key_required")
            assert answer.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    "header",
    ["Bearer x", "Basic", "Basic %%%", "Basic Y2tfMQ==", "Basic //79", "Basic OmNz", "Basic Y2s6", "Digest a=b"],
)
def test_a_header_that_is_no_key_is_refused(client, sample, header):
    assert_refused(client.get("/api/v1/customers", headers={"Authorization": header}), 401)


def test_a_wrong_secret_and_an_unknown_key_are_refused_alike(client, api, sample, subtests):
    wrong = ApiCaller(client, api.key, api.secret[:-1] + ("0" if api.secret[-1] != "0" else "1"))
    unknown = ApiCaller(client, f"ck_{'0' * 32}", api.secret)
    odd = ApiCaller(client, "ck_\0é", api.secret)
    for operation in ADMIN:
        with subtests.test(str(operation)):
            answers = [send(caller, operation, sample) for caller in (wrong, unknown, odd)]
            for answer in answers:
                assert_refused(answer, 401, "invalid_api_key")
            assert len({answer.data for answer in answers}) == 1


def test_an_expired_key_is_refused(client, inside, sample, subtests):
    expired = key(client, inside, life=timedelta(seconds=-1))
    for operation in ADMIN:
        with subtests.test(str(operation)):
            assert_refused(send(expired, operation, sample), 401, "invalid_api_key")


def test_a_read_only_key_may_not_write(reader, sample, subtests):
    for operation in ADMIN:
        if operation.writes:
            with subtests.test(str(operation)):
                assert_refused(send(reader, operation, sample), 403, "write_not_allowed")


def test_a_write_only_key_may_not_read(client, inside, sample, subtests):
    writer = key(client, inside, may_read=False)
    for operation in ADMIN:
        if not operation.writes:
            with subtests.test(str(operation)):
                assert_refused(send(writer, operation, sample), 403, "read_not_allowed")


@pytest.mark.parametrize("bad", ["0", "-1", "abc", "1.5", str(10**30), "9223372036854775808", "%00", "1%20"])
def test_an_id_that_is_none_is_not_found(api, sample, subtests, bad):
    for operation in OPERATIONS:
        if "{customer}" in operation.path or "{order}" in operation.path:
            with subtests.test(str(operation)):
                url = operation.path.replace("{customer}", bad).replace("{order}", bad)
                body = operation.body(sample) if operation.body else None
                assert_refused(api.call(operation.method, url, json=body), 404, "not_found")


def test_an_unknown_id_is_not_found(api, sample, subtests):
    for operation in OPERATIONS:
        if "{customer}" in operation.path or "{order}" in operation.path:
            with subtests.test(str(operation)):
                url = operation.path.replace("{customer}", str(2**63 - 1)).replace("{order}", str(2**63 - 1))
                body = operation.body(sample) if operation.body else None
                query = {"payment_token": sample.payment_token}
                assert_refused(api.call(operation.method, url, json=body, query_string=query), 404)


UNKNOWN = (
    "/api/v1",
    "/api/v1/",
    "/api/v1/nothing",
    "/api/v1//customers",
    "/api/v1/customers/",
    "/api/v1/customers/1/../../x",
    "/api/v1/storefront/nothing",
    "/api/v1/storefront/products/%ff%fe",
    "/api/v1/storefront/products/%00",
    "/api/x",
)


def test_an_unknown_path_is_answered_in_the_envelope(api, client, sample, subtests):
    for path in UNKNOWN:
        with subtests.test(path):
            for caller in (api, client):
                assert assert_refused(caller.get(path), 404)["message"]


def test_a_wrong_method_gets_the_allowed_methods(api, sample, subtests):
    paths = {operation.path: set() for operation in OPERATIONS}
    for operation in OPERATIONS:
        paths[operation.path].add(operation.method)
    for path, methods in paths.items():
        if path.endswith("/products/{slug}"):
            continue
        for method in ALL_METHODS - methods:
            with subtests.test(f"{method} {path}"):
                url = Operation("GET", path).url(sample)
                answer = api.call(method, url)
                assert_refused(answer, 405, "method_not_allowed")
                assert methods <= set(answer.headers["Allow"].split(", "))


def raw(api: ApiCaller, operation: Any, sample: SampleRecords, body: bytes | str, **kwargs: Any) -> TestResponse:
    """Send a request with a raw body."""
    kwargs.setdefault("content_type", "application/json")
    return api.call(operation.method, operation.url(sample), data=body, **kwargs)


BROKEN = {
    "empty": b"",
    "cut off": b'{"a": ',
    "no JSON": b"<order/>",
    "not UTF-8": b'{"a": "\xff"}',
    "two values": b"{} {}",
    "NaN": b'{"value": NaN, "points": NaN, "quantity": NaN}',
    "Infinity": b'{"value": -Infinity}',
    "100,000 deep": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "100,000 lists deep": b"[" * 100_000 + b"]" * 100_000,
    "a name twice": b'{"value": 1, "points": 2, "value": 3}',
    "a name of a half character twice": b'{"\\ud800": 1, "\\ud800": 2}',
    "a name twice, inside": b'{"items": [{"product_id": 1, "quantity": 1, "quantity": 100}]}',
    "60 deep": b'{"a":' * 60 + b"1" + b"}" * 60,
    "10,000 digits": b'{"value": ' + b"9" * 10_000 + b"}",
    "an exponent past all": b'{"value": 1e99999999999999999999}',
    "a list": b"[]",
    "a text": b'"x"',
    "null": b"null",
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_a_body_that_is_no_json_object_is_refused(api, sample, subtests, body):
    for operation in WITH_BODY:
        with subtests.test(str(operation)):
            assert_refused(raw(api, operation, sample, body), 400, "invalid_json")


@pytest.mark.parametrize("kind", [None, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_body_that_is_not_declared_as_json_is_refused(api, sample, subtests, kind):
    for operation in WITH_BODY:
        with subtests.test(str(operation)):
            answer = raw(api, operation, sample, json.dumps(operation.body(sample)), content_type=kind)
            assert_refused(answer, 415, "unsupported_media_type")


def test_a_huge_body_is_refused(api, sample, subtests):
    huge = b'{"a": "' + b"x" * 1024 * 1024 + b'"}'
    for operation in WITH_BODY:
        with subtests.test(str(operation)):
            assert_refused(raw(api, operation, sample, huge), 413, "body_too_large")


def test_a_huge_body_in_chunks_is_refused(api, sample, subtests):
    huge = json.dumps({"value": "x"}).encode() + b" " * 1024 * 1024 + b"{}"
    for operation in WITH_BODY:
        with subtests.test(str(operation)):
            answer = api.call(
                operation.method,
                operation.url(sample),
                input_stream=io.BytesIO(huge),
                content_type="application/json",
                headers={"Transfer-Encoding": "chunked"},
                environ_overrides={"wsgi.input_terminated": True},
            )
            assert_refused(answer, 413, "body_too_large")


def test_an_empty_object_gets_the_missing_fields(api, sample, subtests):
    for operation in WITH_BODY:
        with subtests.test(str(operation)):
            if operation.lenient:
                assert raw(api, operation, sample, "{}").status_code == operation.status
                continue
            problem = assert_refused(raw(api, operation, sample, "{}"), 400)
            assert problem["errors"][0]["field"] in problem["message"]
            assert "required" in problem["message"]


@pytest.mark.parametrize("name", ["a\ud800b", "\0", "x" * 100_000 + "\0"], ids=["surrogate", "NUL", "long"])
def test_a_name_of_a_field_that_cannot_be_is_refused(api, sample, subtests, name):
    for operation in WITH_BODY:
        with subtests.test(str(operation)):
            answer = raw(api, operation, sample, json.dumps({name: {name: "x\0"}}))
            assert len(assert_refused(answer, 400)["message"]) < 200


@pytest.mark.parametrize("path", ["/customers", "/orders", "/products"])
@pytest.mark.parametrize("script", ["\u0660", "\u0e50", "\uff10"], ids=["Arabic", "Thai", "full-width"])
def test_an_id_in_the_digits_of_another_script_is_an_unknown_path(api, sample, path, script):
    number = {"/customers": sample.customer, "/orders": sample.order, "/products": sample.product}[path]
    other = str(number).translate({ord("0") + each: ord(script) + each for each in range(10)})
    assert api.get(f"{path}/{number}").status_code == 200
    assert api.get(f"{path}/{other}").status_code == 404

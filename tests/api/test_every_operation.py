"""Every operation with a valid request: it responds as documented (the client checks that), and none is missing."""

import pytest

from tests.support.contract import METHODS, described_path, read_document
from tests.support.operations import OPERATIONS


def test_every_operation_answers_a_good_request(api, sample, subtests):
    for operation in OPERATIONS:
        with subtests.test(str(operation)):
            sent = operation.sent(sample)
            answer = api.call(operation.method, operation.url(sample), headers=operation.headers(sample), **sent)
            assert answer.status_code == operation.status, answer.text


def test_every_get_answers_head_with_the_same_headers_and_no_body(api, sample, subtests):
    for operation in OPERATIONS:
        if operation.method == "GET":
            with subtests.test(str(operation)):
                url, headers = operation.url(sample), operation.headers(sample)
                whole, head = (api.call(method, url, headers=headers) for method in ("GET", "HEAD"))
                assert head.status_code == operation.status
                assert head.data == b""
                assert head.headers["Content-Length"] == whole.headers["Content-Length"]


@pytest.mark.parametrize("source", ["routes", "document"])
def test_the_table_of_operations_is_complete(app, source):
    if source == "document":
        paths = read_document(app)["paths"].items()
        found = {(method.upper(), path) for path, operations in paths for method in operations if method in METHODS}
    else:
        rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")]
        found = {(method, described_path(rule.rule)) for rule in rules for method in rule.methods - {"HEAD", "OPTIONS"}}
        found -= {("GET", "/api/v1/openapi.json")}
    assert found == {(operation.method, operation.described) for operation in OPERATIONS}

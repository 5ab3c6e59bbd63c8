"""The request collection is in step with the OpenAPI document, and has every operation."""

import json

from scripts.request_collection import FILE, FLOW, make_collection
from tests.support.contract import METHODS, read_document


def test_it_is_in_step_with_the_document(app):
    assert FILE.read_text() == make_collection(read_document(app)), "run scripts/request_collection.py update"


def test_every_operation_is_in_a_folder_after_the_flow(app):
    flow, *folders = json.loads(FILE.read_text())["item"]
    assert len(flow["item"]) == len(FLOW)
    count = sum(1 for path in read_document(app)["paths"].values() for method in path if method in METHODS)
    assert sum(len(folder["item"]) for folder in folders) == count


def test_every_request_tests_its_status_and_lists_must_succeed():
    _flow, *folders = json.loads(FILE.read_text())["item"]
    scripts = {one["name"]: one["event"][0]["script"]["exec"][0] for folder in folders for one in folder["item"]}
    assert all("be.success" in script or "to.include(pm.response.code)" in script for script in scripts.values())
    assert "be.success" in scripts["List customers"]
    assert "[200, 400, 401, 403, 404, 429]" in scripts["Get a customer"]

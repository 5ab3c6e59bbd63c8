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

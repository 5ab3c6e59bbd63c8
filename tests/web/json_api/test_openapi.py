"""The OpenAPI document: valid, complete, and consistent with the routes and models."""

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from pydantic import BaseModel

from shop import schemas
from shop.domain import events, statuses, webhooks
from shop.domain.customers import privacy
from shop.domain.pricing import coupons
from shop.schemas.events.examples import event_example
from shop.schemas.types import RequestModel, ResponseModel
from tests.support.contract import DOCUMENT, METHODS, Contract, contract_of, described_path

NAME = re.compile(r"^[a-z][a-z_]*[a-z]$")


@pytest.fixture
def contract(app) -> Contract:
    """The document of the application."""
    return contract_of(app)


@pytest.fixture
def document(contract) -> dict[str, Any]:
    """The document itself."""
    return contract.document


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert method in METHODS
            yield path, method, operation


def models(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for model in base.__subclasses__():
        yield model
        yield from models(model)


def refs(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from refs(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from refs(inner)


def test_it_is_valid_openapi_3_1(document):
    assert document["openapi"].startswith("3.1.")
    schemathesis.openapi.from_dict(document).validate()


def test_an_invalid_document_would_be_found(document):
    broken = json.loads(json.dumps(document))
    broken["paths"]["/api/v1/customers"]["get"]["responses"]["200"] = {"content": []}
    with pytest.raises(jsonschema_rs.ValidationError):
        schemathesis.openapi.from_dict(broken).validate()


def test_every_schema_is_a_schema(document):
    for schema in document["components"]["schemas"].values():
        jsonschema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema
        assert jsonschema_rs.meta.is_valid(jsonschema)


def test_every_reference_leads_somewhere_and_every_part_is_used(document):
    used = set(refs(document))
    there = {f"#/components/{kind}/{name}" for kind in ("schemas", "headers") for name in document["components"][kind]}
    assert used <= there
    queries = {name for name in there if name.endswith("Query")}  # spelt out as parameters
    assert there - used <= queries


def test_it_is_public_json_and_names_its_server(client):
    answer = client.get(DOCUMENT)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    document = json.loads(answer.data)
    assert [server["url"] for server in document["servers"]] == ["/"]  # the host it came from
    assert all(path.startswith("/api/v1/") for path in document["paths"])
    assert document["info"]["title"] == "Tuza API"


def test_every_route_below_api_v1_is_in_it_and_the_other_way_round(app, document):
    routes = {
        (described_path(rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/v1/") and rule.rule != DOCUMENT
    }
    assert routes == {(path, method) for path, method, _ in operations(document)}


def test_every_operation_says_what_it_does_and_what_can_go_wrong(document, subtests):
    for path, method, operation in operations(document):
        with subtests.test(f"{method} {path}"):
            assert operation["summary"]
            assert not operation["summary"].endswith(".")
            assert operation["tags"][0] in {tag["name"] for tag in document["tags"]}
            admin = "/storefront/" not in path
            bearer = "/loyalty/account" in path
            own = ("/loyalty/register", "/account/privacy-requests")
            shopper = "/storefront/customer/" in path or path.endswith(own)
            opened_by = {"api_key": admin, "redemption_token": bearer, "shopper_session": shopper}
            security = [{name: []} for name, needed in opened_by.items() if needed]
            assert operation.get("security", []) == security
            expected = {"429", "500", "503"} | ({"401", "403"} if admin else {"404"})
            expected |= {"400", "413", "415"} if "requestBody" in operation else set()
            expected |= {"414"} if any(one["in"] == "query" for one in operation["parameters"]) else set()
            assert expected <= set(operation["responses"])
            assert all(answer["description"] for answer in operation["responses"].values())
            successes = [status for status in operation["responses"] if status < "300"]
            assert len(successes) == 1 or (path, sorted(successes)) == ("/api/v1/till/sales", ["200", "201"])


def test_names_of_operations_are_fit_for_generated_clients_and_unique(document):
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(names)) == len(names)
    assert [name for name in names if not NAME.match(name)] == []


def test_no_model_has_the_name_that_generators_give_an_operations_body(document):
    names = [operation["operationId"] for *_, operation in operations(document) if "requestBody" in operation]
    bodies = {name.title().replace("_", "") + "Data" for name in names}
    assert bodies & set(document["components"]["schemas"]) == set()


def test_path_parameters_are_those_of_the_path(document):
    for path, _, operation in operations(document):
        found = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "path"}
        assert found == set(re.findall(r"{(\w+)}", path))


def test_every_creating_post_takes_an_idempotency_key(document):
    reported = {
        f"{method} {path}"
        for path, method, operation in operations(document)
        if any(parameter["name"] == "Idempotency-Key" for parameter in operation["parameters"])
    }
    creating = {f"{method} {path}" for path, method, operation in operations(document)
                if method == "post" and {"201", "207"} & set(operation["responses"])}  # fmt: skip
    assert reported == creating | {
        "post /api/v1/marketing/loyalty/adjust",
        "post /api/v1/customers/{customer_id}/merge",
        "patch /api/v1/customers/{customer_id}",
        "put /api/v1/categories/{category_id}",
        "put /api/v1/products/{product_id}",
        "patch /api/v1/products/{product_id}",
        "post /api/v1/products/{product_id}/stock",
        "post /api/v1/products/{product_id}/stock/transfer",
        "put /api/v1/products/{product_id}/images/order",
        "post /api/v1/customers/merges/{merge_id}/undo",
    }


def test_every_body_and_answer_has_an_example_that_fits_its_schema(contract, document, subtests):
    for path, method, operation in operations(document):
        contents = {"request": operation.get("requestBody", {}).get("content", {})}
        contents |= {status: answer["content"] for status, answer in operation["responses"].items() if status != "304"}
        for where, content in contents.items():
            with subtests.test(f"{method} {path} {where}"):
                assert set(content) <= {"application/json"} or (where, *content) == ("request", "multipart/form-data")
                for described in content.values():
                    contract.assert_value_fits(described["example"], described["schema"], where)
                    assert where != "400" or described["example"]["status"] == "error"


def test_every_type_of_event_has_a_webhook_that_fits_its_example_and_its_test_event(contract, document, subtests):
    assert list(document["webhooks"]) == list(events.EventType)
    for type, webhook in document["webhooks"].items():
        body = webhook["post"]["requestBody"]["content"]["application/json"]
        tested = event_example(events.EventType(type)) | {"test": True}
        with subtests.test(type):
            assert body["example"]["type"] == type
            for data in ({}, tested):
                example = body["example"] | {"data": body["example"]["data"] | data}
                contract.assert_value_fits(example, body["schema"], type)


def test_every_example_of_a_field_fits_the_field(contract, document, subtests):
    for name, schema in document["components"]["schemas"].items():
        for field, described in schema.get("properties", {}).items():
            for example in described.get("examples", []):
                with subtests.test(f"{name}.{field}"):
                    contract.assert_value_fits(example, described, f"{name}.{field}")


def test_every_example_of_a_body_is_taken_by_its_model(document, subtests):
    by_name = {model.__name__: model for model in models(RequestModel)}
    for path, method, operation in operations(document):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            with subtests.test(f"{method} {path}"):
                assert by_name[content["schema"]["$ref"].rsplit("/", 1)[-1]].model_validate(content["example"])


def test_every_example_of_an_answer_says_something(document, subtests):
    for path, method, operation in operations(document):
        for status, answer in operation["responses"].items():
            if status == "304":  # it has no body
                continue
            example = answer["content"]["application/json"]["example"]
            with subtests.test(f"{method} {path} {status}"):
                assert example["status"] == ("success" if status < "300" else "error")
                assert '""' not in json.dumps(example)


def test_everything_is_described_and_used(document):
    assert all(tag["description"] for tag in document["tags"])
    bare = [operation["operationId"] for _, _, operation in operations(document) if not operation["description"]]
    assert bare == []
    text = json.dumps(document)
    assert [name for name in document["components"]["schemas"] if f'schemas/{name}"' not in text] == []


def test_no_two_models_share_a_name(document):
    assert schemas.__doc__
    named: dict[str, set[str]] = {}
    for base in (RequestModel, ResponseModel):
        for model in models(base):
            named.setdefault(model.__name__, set()).add(model.__module__)
    assert {name: where for name, where in named.items() if len(where) > 1} == {}
    enums = {name for name, schema in document["components"]["schemas"].items() if "enum" in schema}
    known = (vars(module) for module in (statuses, privacy, coupons, events, webhooks))
    assert enums <= {name for names in known for name in names}
    assert set(document["components"]["schemas"]) <= set(named) | enums


def test_query_parameters_cannot_be_null(document):
    for _, _, operation in operations(document):
        for parameter in operation["parameters"]:
            assert '"null"' not in json.dumps(parameter["schema"])


def test_rows_that_are_taken_one_by_one_are_typed(document):
    rows = {("NewOrderBatch", "orders"): "NewOrder", ("NewTillSales", "sales"): "NewTillSale"}
    rows[("CustomerImport", "rows")] = "CustomerImportRow"
    for (model, field), row in rows.items():
        items = document["components"]["schemas"][model]["properties"][field]["items"]
        assert items["$ref"] == f"#/components/schemas/{row}"


def are_ambiguous(one: str, other: str) -> bool:
    """Whether a path could match both, if variables stood for anything: the rule of redocly."""
    parts = list(zip(one.split("/"), other.split("/"), strict=False))
    return one.count("/") == other.count("/") and all("{" in a + b or a == b for a, b in parts)


def has_a_place_of_its_own(one: str, other: str) -> bool:
    """Whether a fixed word stands against a variable from one side only, so that the more exact path is chosen."""
    sides = {"{" in a for a, b in zip(one.split("/"), other.split("/"), strict=False) if ("{" in a) != ("{" in b)}
    return len(sides) == 1


def test_registrations_alone_are_told_from_another_path_by_the_type_of_the_id(document):
    pairs = itertools.combinations(sorted(document["paths"]), 2)
    found = {pair for pair in pairs if are_ambiguous(*pair) and not has_a_place_of_its_own(*pair)}
    registration = "/api/v1/customers/loyalty-registrations/{registration_id}"  # docs/api/redocly.yaml says why
    assert {one for one, _ in found} == {registration}
    assert {other.rpartition("/")[0] for _, other in found} == {"/api/v1/customers/{customer_id}"}

"""The OpenAPI document by tag, and the pages of the API."""

import json
import re


def part(client, tag):
    return client.get("/api/v1/openapi.json", query_string={"tag": tag}).get_json()


def test_the_parts_by_tag_hold_every_operation_once(client):
    whole = client.get("/api/v1/openapi.json").get_json()
    parts: dict = {"paths": {}, "webhooks": {}}
    for tag in whole["tags"]:
        document = part(client, tag["name"])
        for kind, paths in parts.items():
            for path, operations in document[kind].items():
                assert not paths.get(path, {}).keys() & operations.keys()
                paths.setdefault(path, {}).update(operations)
    assert parts == {kind: whole[kind] for kind in parts}


def test_a_part_holds_the_schemas_that_it_refers_to_and_no_others(client):
    document = part(client, "Coupons")
    referred = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(document, default=str)))
    assert referred == document["components"]["schemas"].keys()
    assert "Problem" in referred
    assert [tag["name"] for tag in document["tags"]] == ["Coupons"]


def test_an_unknown_tag_is_not_found(client):
    answer = client.get("/api/v1/openapi.json?tag=coupons")
    assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")
    assert client.get("/api/docs?tag=coupons").status_code == 404


def test_the_page_lists_every_operation_with_a_link_to_the_page_of_its_tag(client):
    page = client.get("/api/docs").text
    whole = client.get("/api/v1/openapi.json").get_json()
    for path, operations in (whole["paths"] | whole["webhooks"]).items():
        assert path in page
        for operation in operations.values():
            tag = operation["tags"][0].replace(" ", "+")
            assert f"?tag={tag}&amp;operation={operation['operationId']}" in page


def test_the_page_of_a_tag_shows_that_part(client):
    page = client.get("/api/docs?tag=Orders&operation=<b>")
    assert 'data-document="/api/v1/openapi.json?tag=Orders"' in page.text
    assert 'data-operation="&lt;b&gt;"' in page.text

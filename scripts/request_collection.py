"""The request collection, made from the OpenAPI document: ``update`` writes it, ``check`` tells whether it is in step.

It is a Postman collection (v2.1), the format that Postman, Bruno, Insomnia and Hoppscotch all read.
"""

import json
import re
import sys
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
FILE = ROOT / "docs" / "api" / "tuza.postman_collection.json"
SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
DESCRIPTION = """Every request of the Tuza API, with the examples of its OpenAPI document.

Set the variables `base_url`, `consumer_key` and `consumer_secret`. Then send the requests of "An order with points" in
order: each stores what the next one needs. Enter the code of the mail as `code`; in development it is read from
`/dev/mail`.
"""
VARIABLES = {
    "base_url": "http://localhost:5000",
    "consumer_key": "ck_…",
    "consumer_secret": "cs_…",
    "email": "wanjiku.njenga@example.com",
    "code": "",
    "product_id": "1",
    "points": "100",
    "redemption_token": "",
    "order_id": "",
    "payment_token": "",
    "customer_id": "",
}
ITEMS = [{"product_id": "{{product_id}}", "quantity": 2}]
FLOW: list[tuple[str, dict[str, Any] | None, dict[str, str]]] = [
    ("storefront_product_list", None, {"product_id": "data.products[0].id"}),
    ("storefront_loyalty_preview", {"email": "{{email}}", "items": ITEMS}, {"points": "data.max_redeemable_points"}),
    ("storefront_code_send", {"email": "{{email}}"}, {}),
    (
        "storefront_code_verify",
        {"email": "{{email}}", "code": "{{code}}"},
        {"redemption_token": "data.redemption_token"},
    ),
    ("storefront_points_show", None, {}),
    (
        "storefront_order_create",
        {
            "customer": {"email": "{{email}}"},
            "items": ITEMS,
            "payment_method": "cod",
            "loyalty_redemption": {"token": "{{redemption_token}}", "points": "{{points}}"},
        },
        {"order_id": "data.order.id", "payment_token": "data.order.payment_token"},
    ),
    (
        "order_payment_status_set",
        {"payment_status": "paid", "transaction_reference": "SGH7X2K9QP"},
        {"customer_id": "data.order.customer_id"},
    ),
    ("storefront_payment_status", None, {}),
    ("customer_loyalty_show", None, {}),
]
"""Operations in order, with their body and what they store: variable and place in the response."""
READ_CODE = """if (!pm.collectionVariables.get("code")) {
  const read = (times) => pm.sendRequest(pm.variables.replaceIn("{{base_url}}/dev/mail"), (error, mails) => {
    const found = error ? null : mails.text().match(/\\b([0-9]{3}) ([0-9]{3})\\b/);
    if (found) pm.collectionVariables.set("code", found[1] + found[2]);
    else if (times) setTimeout(read, 500, times - 1);
  });
  setTimeout(read, 3000, 30);
}"""
"""Before a code is verified: waits for the mail with it, in development."""
SUCCEEDS = 'pm.test("succeeds", () => pm.response.to.be.success);'
ENVELOPE = """pm.test("answers in the envelope", () => {
  const body = pm.response.json();
  pm.expect(body.status).to.equal(pm.response.code < 300 ? "success" : "error");
  if (pm.response.code < 300) pm.expect(body).to.have.any.keys("data", "message");
  else pm.expect(body.code).to.match(/^[a-z_]+$/);
});"""
DOCUMENTED = 'pm.test("has a documented status", () => pm.expect({}).to.include(pm.response.code));'
NEEDS_MORE = {"API keys", "Sandbox"}
"""Tags whose operations an API key of a live shop may not call."""
NUMBERS = re.compile(r'"{{(product_id|points)}}"')
Operation = tuple[str, str, dict[str, Any]]


def make_collection(document: dict[str, Any]) -> str:
    """Return the collection of an OpenAPI document as the text of its file."""
    by_id = {one[2]["operationId"]: one for one in _operations(document)}
    flow = [_item(by_id[name], body, stored) for name, body, stored in FLOW]
    folders: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in document["tags"]}
    for operation in by_id.values():
        folders[operation[2]["tags"][0]].append(_item(operation))
    collection = {
        "info": {"name": document["info"]["title"], "description": DESCRIPTION, "schema": SCHEMA},
        "variable": [{"key": name, "value": value} for name, value in VARIABLES.items()],
        "event": [_script("test", ENVELOPE.splitlines())],
        "item": [
            {"name": "An order with points", "item": flow},
            *({"name": tag["name"], "description": tag["description"], "item": folders[tag["name"]]}
              for tag in document["tags"]),
        ],
    }  # fmt: skip
    return json.dumps(collection, ensure_ascii=False, indent=1) + "\n"


def _operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, operations in sorted(document["paths"].items()):
        for method, operation in sorted(operations.items()):
            yield path, method.upper(), operation


def _item(operation: Operation, body: Any = None, stored: dict[str, str] | None = None) -> dict[str, Any]:
    path, method, described = operation
    request: dict[str, Any] = {
        "method": method,
        "description": described["description"],
        "url": _url(path, described, () if stored is None else VARIABLES),
        "header": [],
    }
    for kind in described["security"]:
        request["auth"] = _auth(next(iter(kind)))
    content = described.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        example = content["application/json"]["example"] if body is None else body
        text = NUMBERS.sub(r"{{\1}}", json.dumps(example, ensure_ascii=False, indent=2))
        request["body"] = {"mode": "raw", "raw": text, "options": {"raw": {"language": "json"}}}
        request["header"].append({"key": "Content-Type", "value": "application/json"})
    elif content:
        request["body"] = {"mode": "formdata", "formdata": _fields(content["multipart/form-data"]["example"])}
    statuses = [int(status) for status in described["responses"] if status < "500"]
    item: dict[str, Any] = {"name": described["summary"], "request": request}
    item["event"] = [_script("test", [SUCCEEDS if _must_succeed(operation) else DOCUMENTED.format(statuses)])]
    if stored is not None:
        places = {name: f"pm.response.json().{place}" for name, place in stored.items()}
        lines = [f'pm.collectionVariables.set("{name}", {place});' for name, place in places.items()]
        item["event"] = [_script("test", [SUCCEEDS, *lines])]
        if "{{code}}" in request.get("body", {}).get("raw", ""):
            item["event"].append(_script("prerequest", READ_CODE.splitlines()))
    return item


def _must_succeed(operation: Operation) -> bool:
    """Return whether the example of an operation works in every shop: it reads, and names no record."""
    path, method, described = operation
    callers = {name for kind in described["security"] for name in kind}
    needs_record = "{" in path or any(one["required"] for one in described["parameters"])
    return method == "GET" and callers <= {"api_key"} and not needs_record and described["tags"][0] not in NEEDS_MORE


def _script(when: str, lines: list[str]) -> dict[str, Any]:
    return {"listen": when, "script": {"type": "text/javascript", "exec": lines}}


def _url(path: str, described: dict[str, Any], sent: Collection[str]) -> dict[str, Any]:
    """Return the address; parameters that are neither required nor ``sent`` are there, but switched off."""
    parts = [re.sub(r"{(\w+)}", _variable, part) for part in path.strip("/").split("/")]
    query = [
        {
            "key": one["name"],
            "value": _value(one),
            "description": one["description"],
            "disabled": not one["required"] and one["name"] not in sent,
        }
        for one in described["parameters"]
        if one["in"] == "query"
    ]
    text = "&".join(f"{one['key']}={one['value']}" for one in query if not one["disabled"])
    raw = "{{base_url}}/" + "/".join(parts) + (f"?{text}" if text else "")
    names = [part[1:] for part in parts if part.startswith(":")]
    return {
        "raw": raw,
        "host": ["{{base_url}}"],
        "path": parts,
        "query": query,
        "variable": [{"key": name, "value": "1"} for name in names],
    }


def _variable(found: re.Match[str]) -> str:
    return f"{{{{{found[1]}}}}}" if found[1] in VARIABLES else f":{found[1]}"


def _value(parameter: dict[str, Any]) -> str:
    if parameter["name"] in VARIABLES:
        return f"{{{{{parameter['name']}}}}}"
    schema = parameter["schema"]
    return str(parameter.get("example", schema.get("default", schema.get("examples", [""])[0])))


def _fields(example: dict[str, Any]) -> list[dict[str, Any]]:
    files = ("file", "image", "id_image")
    return [
        {"key": name, "type": "file", "src": []}
        if name in files
        else {"key": name, "type": "text", "value": str(value)}
        for name, value in example.items()
    ]


def _auth(scheme: str) -> dict[str, Any]:
    if scheme == "api_key":
        pair = {"username": "{{consumer_key}}", "password": "{{consumer_secret}}"}
        return {"type": "basic", "basic": [{"key": name, "value": value} for name, value in pair.items()]}
    if scheme == "redemption_token":
        return {"type": "bearer", "bearer": [{"key": "token", "value": "{{redemption_token}}"}]}
    return {"type": "noauth"}  # a shopper's session is a cookie


def _document() -> dict[str, Any]:
    from shop import create_app
    from shop.web.json_api.openapi import build_document

    with tempfile.TemporaryDirectory() as folder:
        own = {"SECRET_KEY": "for a document that is read from code", "INLINE_WORKER": False, "SHOP_INSTANCE": folder}
        app = create_app(own | {"SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/none.db"})
        with app.app_context():
            return build_document(app)


def main(command: str) -> int:
    """Run a command and return the exit status."""
    text = make_collection(_document())
    if FILE.exists() and FILE.read_text() == text:
        return 0
    if command == "update":
        FILE.write_text(text)
        return 0
    print(f"{FILE.relative_to(ROOT)} is out of date: run scripts/request_collection.py update")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) == 2 else "check"))

"""The catalogue of error codes, read from the code: ``update`` writes it, ``check`` tells whether it is up to date.

It is written to ``shop/schemas/error_codes.py``, from which the OpenAPI document takes the codes, and to
``docs/api/errors.md``. ``update`` writes the request collection too (``scripts/request_collection.py``).
"""

import ast
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
CODES, PAGE = ROOT / "shop" / "schemas" / "error_codes.py", ROOT / "docs" / "api" / "errors.md"
INTRODUCTION = """# Errors

Every error is JSON: `{"status": "error", "message": "…", "code": "…", "errors": [{"field": "…", "message": "…"}]}`.
`code` is stable: decide by it. `message` is a sentence for people, in the language of the request. `errors` names the
invalid fields; it is left out if there are none. New codes may be added; treat one you do not know by its HTTP status.

| status | what to do |
| --- | --- |
| 400, 413, 414, 415 | correct the request; the same one fails again |
| 401 | sign in, or send a valid API key |
| 403 | the caller may not do this; ask the shop's owner for the permission |
| 404 | the record is not in this shop, or not any more |
| 409 | the request does not fit the present state: read the record again, then decide |
| 422 | the `Idempotency-Key` was used with another request: use a new one |
| 429 | wait for the seconds in `Retry-After`, then send the same request again |
| 500 | the error is logged under the `X-Request-Id` of the response; try again later |
| 503 | wait for the seconds in `Retry-After`, then send the same request again |

## Codes

`%(name)s` stands for a value. The first sentence of each code is shown; `scripts/error_codes.py` writes this table.

| code | status | message |
| --- | --- | --- |
"""
POSITIONAL = {"RedemptionRefused": 0, "_refusal": 1, "CouponRefused": 0}
"""Functions that take the code as an argument of this place."""


def find_codes() -> dict[str, tuple[int, str]]:
    """Return each code with its HTTP status and its first message."""
    import shop
    from shop.domain.loyalty.points import REFUSALS
    from shop.web import error_handlers

    for module in pkgutil.walk_packages(shop.__path__, "shop."):
        if not module.name.startswith("shop.server"):  # gunicorn's own settings
            importlib.import_module(module.name)
    found = {code: (status, str(message)) for status, (code, message) in error_handlers.HTTP_CODES.items()}
    classes = {kind.__name__: kind for kind in (error_handlers.ShopError, *_subclasses(error_handlers.ShopError))}
    for kind in classes.values():
        found.setdefault(kind.code, (_status(kind), _summary(kind)))
    for path in sorted((ROOT / "shop").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                for code, name, message in _codes_of(node):
                    kind = classes.get(name.split(".")[0])
                    if kind is not None:
                        found.setdefault(code, (_status(kind), message or _summary(kind)))
    for reason, message in REFUSALS.items():
        found.setdefault(reason, (400, message))
    return dict(sorted(found.items()))


def _subclasses(kind: type) -> Iterator[type]:
    for below in kind.__subclasses__():
        yield below
        yield from _subclasses(below)


def _summary(kind: type) -> str:
    return (inspect.getdoc(kind) or "").partition("\n")[0].partition(";")[0].rstrip(".") + "."


def _status(kind: type) -> int:
    from shop.web.error_handlers import STATUS

    return next((status for known, status in STATUS if issubclass(kind, known)), 400)


def _codes_of(call: ast.Call) -> Iterator[tuple[str, str, str]]:
    """Yield code, name of what is called, and message, for each code that a call names literally."""
    texts = [part.value for part in call.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    name = ast.unparse(call.func)
    if name in POSITIONAL:
        place = POSITIONAL[name]
        words = [part for part in ast.walk(call) if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        code = call.args[place] if len(call.args) > place else None
        if isinstance(code, ast.Constant) and isinstance(code.value, str):
            sentence = max((str(part.value) for part in words), key=len)
            yield code.value, "InvalidInput", sentence
    for keyword in call.keywords:
        if keyword.arg == "code" and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
            message = " ".join(f"`{text}`" if name.endswith(".of") and not i else text for i, text in enumerate(texts))
            yield keyword.value.value, name, message


def written() -> dict[Path, str]:
    """Return the two files as they should be."""
    codes = find_codes()
    rows = "".join(f"| `{code}` | {status} | {message} |\n" for code, (status, message) in codes.items())
    lines = "".join(f'    "{code}",\n' for code in codes)
    module = f'"""Every error code of the API; written by ``scripts/error_codes.py``."""\n\nERROR_CODES = (\n{lines})\n'
    return {CODES: module, PAGE: INTRODUCTION + rows}


def main(command: str) -> int:
    """Run a command and return the exit status."""
    stale = {path: text for path, text in written().items() if not path.exists() or path.read_text() != text}
    if command == "update":
        for path, text in stale.items():
            path.write_text(text)
        from scripts import request_collection

        return request_collection.main("update")
    for path in stale:
        print(f"{path.relative_to(ROOT)} is out of date: run scripts/error_codes.py update")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) == 2 else "check"))

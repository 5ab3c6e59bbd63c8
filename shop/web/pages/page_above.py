"""The page to which the address of a form belongs."""

from flask import current_app, request
from werkzeug.exceptions import HTTPException


def page_above(path: str) -> str | None:
    """Return the nearest address above ``path`` that can be opened; None if there is none but the root."""
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None
    while path := path.rpartition("/")[0]:
        for address in (path, f"{path}/"):
            try:
                adapter.match(address, method="GET")
            except HTTPException:
                continue
            return address
    return None

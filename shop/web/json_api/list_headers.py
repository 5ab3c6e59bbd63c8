"""``Link`` headers of lists (RFC 8288), and ``ETag`` with 304 (RFC 9110; ``docs/contract/api.md``, section 1)."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

from flask import Response, request
from pydantic import BaseModel

from shop.schemas.types import OffsetQuery, PageQuery, SequenceQuery


def is_list(query: type[BaseModel] | None) -> bool:
    """Return whether an endpoint with this query returns a page of a list."""
    return query is not None and issubclass(query, PageQuery | OffsetQuery | SequenceQuery)


def add_links(response: Response, query: BaseModel, data: Any) -> None:
    """Add links to the neighbouring pages: by number, offset or sequence, or by cursor if the request has one."""
    if getattr(query, "cursor", None) is not None:
        links = _by_cursor(data)
    elif isinstance(query, PageQuery):
        links = _by_page(query, data)
    elif isinstance(query, SequenceQuery):
        links = _by_sequence(data)
    else:
        links = _by_offset(query, data)
    base = f"{request.scheme}://{request.host}{quote(request.script_root + request.path)}"
    kept = {name: urlencode({name: value}) for name, value in request.args.items() if value != ""}
    targets = [f'<{base}?{_arguments(kept, changes)}>; rel="{rel}"' for rel, changes in links]
    response.headers["Link"] = ", ".join(targets)


def _arguments(kept: dict[str, str], changes: "Changes") -> str:
    changed = {name: "" if value is None else f"{name}={value}" for name, value in changes.items()}
    return "&".join(filter(None, (kept | changed).values()))


Changes = dict[str, int | str | None]
"""Numbers, cursors (which need no quoting), and None for a parameter to leave out."""
Links = Iterator[tuple[str, Changes]]


def _by_cursor(data: Any) -> Links:
    yield "first", {"cursor": None, "page": None}
    if data.next_cursor is not None:
        yield "next", {"cursor": data.next_cursor, "page": None}


def _by_sequence(data: Any) -> Links:
    yield "first", {"after": None}
    if data.next_after is not None:
        yield "next", {"after": data.next_after}


def _by_page(query: PageQuery, data: Any) -> Links:
    is_estimate = bool(getattr(data, "total_is_estimate", None))
    last = max(1, -(-data.total // query.limit))
    yield "first", {"page": 1}
    if query.page > 1:
        yield "prev", {"page": min(query.page - 1, last)}
    if query.page < last or (is_estimate and data.next_cursor is not None):
        yield "next", {"page": query.page + 1}
    if not is_estimate:
        yield "last", {"page": last}


def _by_offset(query: Any, data: Any) -> Links:
    last = max(0, data.total - 1) // query.limit * query.limit
    yield "first", {"offset": 0}
    if query.offset > 0:
        yield "prev", {"offset": min(max(0, query.offset - query.limit), last)}
    if query.offset + query.limit < data.total:
        yield "next", {"offset": query.offset + query.limit}
    yield "last", {"offset": last}


def add_etag(response: Response, *, is_public: bool) -> None:
    """Add a weak ETag, and make the response a 304 if the request already has this one."""
    response.add_etag(weak=True)
    if is_public:
        response.headers["Cache-Control"] = "no-cache"
    if "HTTP_IF_NONE_MATCH" in request.environ or "HTTP_IF_MATCH" in request.environ:
        response.make_conditional(request)
        response.headers.pop("Date", None)  # the server's

"""Pages and static files go over the wire as gzip to whoever takes it: shops are often reached by phone.

Static files are packed once for each version. Pages have packing of no predictable length: the gzip header carries a
file name of random length, so that the size of an answer does not tell an onlooker what a page and a request have in
common (BREACH).
"""

import gzip
import secrets
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.security import safe_join

WORTH_IT = 1000  # bytes; less than that fits into a packet or two anyhow
NOISE = 100  # bytes at most
PACKED = {"text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml"}


def init_app(app: Flask) -> None:
    """Pack answers of the kinds in :data:`PACKED`; streams, parts and answers packed already stay as they are."""

    @app.after_request
    def pack(response: Response) -> Response:
        if response.mimetype not in PACKED or response.status_code in {204, 206, 304}:
            return response
        response.vary.add("Accept-Encoding")
        wanted = request.accept_encodings.quality("gzip") > 0
        if not wanted or "Content-Encoding" in response.headers or _is_small(response):
            return response
        if request.endpoint == "static":
            _send_packed_file(app, response)
        elif not response.is_streamed:
            _replace(response, _pack_page(response.get_data()))
        return response


def _is_small(response: Response) -> bool:
    return response.content_length is not None and response.content_length < WORTH_IT


def _send_packed_file(app: Flask, response: Response) -> None:
    path = safe_join(app.static_folder or "", (request.view_args or {}).get("filename", ""))
    if path is None or not Path(path).is_file() or request.method != "GET":
        return
    response.close()  # of the file as it is
    response.direct_passthrough = False
    _replace(response, _pack_file(path, Path(path).stat().st_mtime_ns))


def _replace(response: Response, packed: bytes) -> None:
    """Another body; what names the old one's exact bytes names the new one's no more."""
    response.set_data(packed)
    response.headers["Content-Encoding"] = "gzip"
    response.headers.pop("Accept-Ranges", None)
    tag, _weak = response.get_etag()
    if tag:
        response.set_etag(tag, weak=True)


def _pack_page(page: bytes) -> bytes:
    packed = BytesIO()
    name = "x" * (1 + secrets.randbelow(NOISE))
    with gzip.GzipFile(filename=name, mode="wb", compresslevel=6, fileobj=packed, mtime=0) as file:
        file.write(page)
    return packed.getvalue()


@lru_cache(maxsize=64)
def _pack_file(path: str, _changed_at: int) -> bytes:
    """A file as gzip; packed once for each change of it."""
    return gzip.compress(Path(path).read_bytes(), 9, mtime=0)

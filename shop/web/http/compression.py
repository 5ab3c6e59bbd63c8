"""Gzip compression of pages and static files.

Static files are compressed once per version. Pages are padded with a file name of random length in the gzip header, so
that their size does not leak their content (BREACH): "Heal the BREACH", as in Django's GZipMiddleware. Flask-Compress
has no such padding.
"""

import gzip
import secrets
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.security import safe_join

MIN_BYTES = 1000  # smaller responses fit into a packet or two
MAX_PADDING_BYTES = 100
COMPRESSIBLE = {"text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml"}


def init_app(app: Flask) -> None:
    """Compress responses of the types in ``COMPRESSIBLE``, except streams, ranges and compressed ones."""

    @app.after_request
    def compress(response: Response) -> Response:
        if response.mimetype not in COMPRESSIBLE or response.status_code in {204, 206, 304}:
            return response
        response.vary.add("Accept-Encoding")
        wanted = request.accept_encodings.quality("gzip") > 0
        if not wanted or "Content-Encoding" in response.headers or _is_small(response):
            return response
        if request.endpoint == "static":
            _send_compressed_file(app, response)
        elif not response.is_streamed:
            _replace(response, _compress_page(response.get_data()))
        return response


def _is_small(response: Response) -> bool:
    return response.content_length is not None and response.content_length < MIN_BYTES


def _send_compressed_file(app: Flask, response: Response) -> None:
    path = safe_join(app.static_folder or "", (request.view_args or {}).get("filename", ""))
    if path is None or not Path(path).is_file() or request.method != "GET":
        return
    response.close()  # closes the uncompressed file
    response.direct_passthrough = False
    _replace(response, _compress_file(path, Path(path).stat().st_mtime_ns))


def _replace(response: Response, compressed: bytes) -> None:
    """Replace the body. An ETag of the old bytes becomes weak."""
    response.set_data(compressed)
    response.headers["Content-Encoding"] = "gzip"
    response.headers.pop("Accept-Ranges", None)
    tag, _weak = response.get_etag()
    if tag:
        response.set_etag(tag, weak=True)


def _compress_page(page: bytes) -> bytes:
    compressed = BytesIO()
    name = "x" * (1 + secrets.randbelow(MAX_PADDING_BYTES))
    with gzip.GzipFile(filename=name, mode="wb", compresslevel=6, fileobj=compressed, mtime=0) as file:
        file.write(page)
    return compressed.getvalue()


@lru_cache(maxsize=64)
def _compress_file(path: str, _changed_at: int) -> bytes:
    """Return a file as gzip, cached until it changes."""
    return gzip.compress(Path(path).read_bytes(), 9, mtime=0)

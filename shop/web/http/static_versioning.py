"""Cache busting: URLs of static files change with their content, so that browsers may cache them for a year."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, request
from werkzeug.security import safe_join

FOR_A_YEAR = "public, max-age=31536000, immutable"


def init_app(app: Flask) -> None:
    """Add the version to ``url_for("static", …)``, and a long cache time to responses for the current version."""

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "v" not in values:
            values["v"] = _version(app, values.get("filename", ""))

    @app.after_request
    def add_cache_control(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in {200, 304}:
            asked = request.args.get("v")
            if asked and asked == _version(app, (request.view_args or {}).get("filename", "")):
                response.headers["Cache-Control"] = FOR_A_YEAR
        return response


def _version(app: Flask, filename: str) -> str | None:
    """Return the version of a file; looks at the file once a request, as a page has forty icons of one file."""
    found: dict[str, str | None] = g.setdefault("static_versions", {})
    if filename not in found:
        found[filename] = _read_version(app, filename)
    return found[filename]


def _read_version(app: Flask, filename: str) -> str | None:
    path = safe_join(app.static_folder or "", filename)
    if path is None or not Path(path).is_file():
        return None
    return _digest(path, Path(path).stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _digest(path: str, _changed_at: int) -> str:
    """Return the start of the content's hash, cached until the file changes."""
    return sha256(Path(path).read_bytes()).hexdigest()[:12]

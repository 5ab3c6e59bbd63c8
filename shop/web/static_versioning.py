"""Static files: an address changes with a file's content, so that browsers may keep it for a year."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from werkzeug.security import safe_join

FOR_A_YEAR = "public, max-age=31536000, immutable"


def init_app(app: Flask) -> None:
    """Let ``url_for("static", …)`` name the version of the file, and browsers keep what they asked for by version."""

    @app.url_defaults
    def name_the_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "v" not in values:
            values["v"] = _version(app, values.get("filename", ""))

    @app.after_request
    def keep(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in {200, 304}:
            asked = request.args.get("v")
            if asked and asked == _version(app, (request.view_args or {}).get("filename", "")):
                response.headers["Cache-Control"] = FOR_A_YEAR
        return response


def _version(app: Flask, filename: str) -> str | None:
    path = safe_join(app.static_folder or "", filename)
    if path is None or not Path(path).is_file():
        return None
    return _digest(path, Path(path).stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _digest(path: str, _changed_at: int) -> str:
    """The start of the content's hash; read once for each change of the file."""
    return sha256(Path(path).read_bytes()).hexdigest()[:12]

"""The response header ``Vary``."""

from werkzeug.wrappers import Response


def vary_on(response: Response, name: str) -> None:
    """Add a request header to ``Vary``; ``response.vary`` would parse all of them each time."""
    given = response.headers.get("Vary")
    response.headers["Vary"] = f"{given}, {name}" if given else name

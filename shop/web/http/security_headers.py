"""Security headers on every response."""

from flask import Flask, Response, request

PAGE_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"

FEATURES = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
"""The device features that pages may use: none. The till's own pages may use the camera."""


def init_app(app: Flask) -> None:
    """Add the headers to every response that has not set its own."""
    app.after_request(_headers)


def _headers(response: Response) -> Response:
    headers = response.headers
    given = {name.lower(): value for name, value in headers}
    policy = given.get("content-security-policy", PAGE_POLICY if response.mimetype == "text/html" else DATA_POLICY)
    wanted = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer" if any("token" in name for name in request.view_args or ()) else "same-origin",
    }
    if "frame-ancestors 'none'" in policy:
        wanted["X-Frame-Options"] = "DENY"  # for browsers without Content-Security-Policy
    if response.mimetype == "text/html":
        wanted["Permissions-Policy"] = FEATURES
    if request.path.startswith("/staff"):
        wanted["Cross-Origin-Opener-Policy"] = "same-origin"
    if request.is_secure:
        wanted["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.path.startswith("/api/"):
        wanted["Cache-Control"] = "no-store"
    for name, value in wanted.items():
        if name.lower() not in given:
            headers.add(name, value)
    return response

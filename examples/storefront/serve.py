"""The demo storefront on a port of its own: ``python examples/storefront/serve.py [--port 5050] [--api http://…]``.

Standard library alone. It sends the Content-Security-Policy that docs/integration.md advises: scripts, frames and
requests from this page and from Tuza, nothing inline. The files also work from any other web server as long as Tuza
answers at http://localhost:5000.
"""

import argparse
from contextlib import suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

FOLDER = Path(__file__).resolve().parent
API = "http://localhost:5000"
SHOP = "duka-la-mama-njeri"
"""As they stand in index.html."""
LOOPBACK = {"localhost", "127.0.0.1"}
SERVED = {"/": "index.html", "/shop.js": "shop.js", "/shop.css": "shop.css", "/goods.svg": "goods.svg"}
SERVED |= {"/favicon.svg": "favicon.svg"}
KINDS = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


def policy(api: str) -> str:
    """Return the sources that a storefront's page needs besides its own: Tuza's scripts, frame and API."""
    return (
        f"default-src 'none'; script-src 'self' {api}; style-src 'self'; img-src 'self'; connect-src 'self' {api}; "
        f"frame-src {api}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def origin_of(address: str) -> str:
    """Return ``http://localhost:5000`` from a URL. Raise ValueError if it is invalid."""
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{address} is no web address")
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}"


class Storefront(BaseHTTPRequestHandler):
    """Serves the folder's files; index.html gets the address of Tuza and the shop."""

    def __init__(self, *args: object, api: str, shop: str, **kwargs: object) -> None:
        self.api = api
        self.shop = shop
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Send a file, or 404."""
        url = urlsplit(self.path)
        name = SERVED.get(url.path)
        if name is None:
            self.send_error(404)
            return
        api = self._asked_api(url.query)
        content = (FOLDER / name).read_bytes()
        if name == "index.html":
            content = content.replace(API.encode(), api.encode()).replace(SHOP.encode(), self.shop.encode())
        self.send_response(200)
        self.send_header("Content-Type", f"{KINDS[Path(name).suffix]}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", policy(api))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "strict-origin-when-cross-origin")
        self.send_header("Cache-Control", "no-cache")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    do_HEAD = do_GET

    def _asked_api(self, query: str) -> str:
        """Return ``?api=http://localhost:5001``, another Tuza on this machine; other addresses are ignored."""
        try:
            asked = origin_of(parse_qs(query).get("api", [self.api])[0])
        except ValueError:
            return self.api
        return asked if urlsplit(asked).hostname in LOOPBACK else self.api

    def log_message(self, *_: object) -> None:
        """Log nothing for requests."""


def make_storefront(port: int, api: str = API, shop: str = SHOP, host: str = "127.0.0.1") -> ThreadingHTTPServer:
    """Return the server, not started; port 0 takes a free one."""
    return ThreadingHTTPServer((host, port), partial(Storefront, api=origin_of(api), shop=quote(shop)))


def _api_address(text: str) -> str:
    try:
        return origin_of(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not an address such as {API}") from None


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description="Serve the demo storefront.")
    parser.add_argument("--port", type=int, default=5050)
    parser.add_argument("--api", type=_api_address, default=API, help="where Tuza answers (default: %(default)s)")
    parser.add_argument("--shop", default=SHOP, help="the shop's short name (default: %(default)s)")
    asked = parser.parse_args()
    try:
        server = make_storefront(asked.port, asked.api, asked.shop)
    except (OSError, OverflowError) as wrong:
        parser.error(
            f"port {asked.port} cannot be used ({wrong}); choose another with --port (make: PORT=); allow its origin"
        )
    with server:
        print(  # noqa: T201 (a command's own words)
            f"The demo storefront is at http://localhost:{asked.port}, with Tuza at {asked.api}. Ctrl-C stops it.",
            flush=True,
        )
        with suppress(KeyboardInterrupt):
            server.serve_forever()


if __name__ == "__main__":
    main()

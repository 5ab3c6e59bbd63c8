"""The till without network: the page that its service worker keeps, and the worker."""

from flask import Response, current_app

from shop.staff import blueprint
from shop.staff.permissions import requires
from shop.staff.till.forms import METHOD_NAMES
from shop.staff.till.page import show_till
from shop.web.http.security_headers import PAGE_POLICY


@blueprint.get("/till/offline")
@requires("orders.pay")
def till_offline() -> Response:
    """The page that keeps sales on the device; the worker shows it when there is no network."""
    return show_till("offline", methods=METHOD_NAMES)


@blueprint.get("/till-worker.js")
def till_worker() -> Response:
    """The service worker; its address lets it serve the till's pages and no others.

    It needs no session: browsers look for a new version at any time, and report a redirect to the sign-in as an error.
    """
    worker = current_app.send_static_file("js/till-worker.js")
    worker.headers["Cache-Control"] = "no-cache"
    worker.headers["Content-Security-Policy"] = PAGE_POLICY  # it fetches pages and files of ours
    worker.headers["Service-Worker-Allowed"] = "/staff/till"
    return worker

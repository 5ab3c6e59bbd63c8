"""The common parts of the till's pages."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from shop.services import clock
from shop.services.orders.fulfilment.undo import UNDO_FOR
from shop.services.till.devices import Device
from shop.services.till.sales import Sale, list_branch_names
from shop.web.http.security_headers import FEATURES
from shop.web.till_device import chosen_branch


def till_device() -> Device | None:
    """Return the registered till of the request, if it is one."""
    device: Device | None = g.get("till_device")
    return device


def current_branch_id() -> int | None:
    """Return the branch of the request's till, or the one chosen on it; None for the default one."""
    device = till_device()
    return device.branch_id if device else chosen_branch()


def at_this_till(sale: Sale) -> Sale:
    """Return a sale with the device and branch of the request's till."""
    device = till_device()
    return replace(sale, device=device.name if device else sale.device, branch_id=current_branch_id())


def show_till(page: str, status: int = 200, **context: Any) -> Response:
    """Return a page of the till; a script that swaps it in gets its URL."""
    branches = list_branch_names()
    place = {"till_device": till_device, "branches": branches, "branch_id": current_branch_id() or next(iter(branches))}
    response = Response(render_template(f"staff/till/{page}.html", **place, **context), status)
    response.headers["Permissions-Policy"] = FEATURES.replace("camera=()", "camera=(self)")  # reads cards and codes
    if request.headers.get("HX-Request") == "true" and status == 200 and "typing" not in request.args:
        response.headers["HX-Push-Url"] = request.full_path.rstrip("?")
    return response


def open_sale(customer_id: int) -> AnyResponse:
    """Go on to the sale of a member; a script that asked for matches while someone types swaps the whole page."""
    url = url_for("staff.till_sale_new", customer=customer_id)
    if "typing" not in request.args:
        return redirect(url, 303)
    return Response(
        status=204,
        headers={"HX-Location": json.dumps({"path": url, "target": "#till", "select": "#till", "swap": "outerHTML"})},
    )


def seconds_to_undo(created_at: datetime, undone_at: datetime | None) -> int:
    """Return for how many seconds a sale can be undone; 0 if it cannot."""
    if undone_at is not None:
        return 0
    return max(0, int((created_at + UNDO_FOR - clock.now()).total_seconds()))

"""Abandoned carts: the list, one cart, and its reminder."""

from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from shop.domain.statuses import CartState
from shop.queries.carts.list import NEWEST, SORTS, CartFilters, list_carts
from shop.queries.listing.list_page import ListPage
from shop.services.errors import Conflict
from shop.services.messaging.cart_reminders import find_hindrance, get_left_cart, remind, set_stopped
from shop.staff import blueprint
from shop.staff.carts import presenter
from shop.staff.list_filters import FilterReader, ListAddress, history_header, read_place
from shop.staff.permissions import requires
from shop.staff.personal_reads import shows_personal_data
from shop.staff.session import signed_in
from shop.web.i18n import translate
from shop.web.pages.htmx import redirect_with_message, render_page_or_fragment, wants_fragment
from shop.web.pages.view_options import reads_replica

CART = "/carts/<id:cart_id>"


@blueprint.get("/carts")
@reads_replica
@shows_personal_data("list:carts")
def cart_list() -> Response:
    """The abandoned carts, the newest first; search, filters, order and place are in the address."""
    filters, kept, errors = _read()
    place = read_place()
    opened = {"filters": "1"} if "filters" in request.args else {}
    page = render_page_or_fragment(
        "staff/carts/index.html",
        "staff/carts/_list.html",
        status=422 if errors else 200,
        found=ListPage() if errors else list_carts(filters, **place),
        filters=filters,
        kept=kept,
        errors=errors,
        panel=bool(opened or errors),
        words=presenter,
    )
    if wants_fragment():
        values: dict[str, Any] = kept | place | opened
        page.headers[history_header()] = url_for("staff.cart_list", **values)
    return page


def _read() -> ListAddress[CartFilters]:
    reader = FilterReader(request.args)
    filters = CartFilters(
        search=reader.search(),
        state=reader.choice("state", tuple(CartState)),
        worth_from=reader.cents("worth_from"),
        sort=reader.sort(SORTS, NEWEST),
    )
    kept = {
        "q": filters.search,
        "state": filters.state,
        "worth_from": reader.typed("worth_from"),
        "sort": "" if filters.sort == NEWEST else filters.sort,
    }
    return ListAddress(filters, reader.keep(kept), reader.errors)


@blueprint.get(CART)
@shows_personal_data("list:carts")
def cart_show(cart_id: int) -> Response:
    """A cart with its lines, its customer and its reminder."""
    left = get_left_cart(cart_id)
    page = "staff/carts/show.html"
    return render_page_or_fragment(page, page, left=left, hindrance=find_hindrance(left), words=presenter)


@blueprint.post(f"{CART}/remind")
@requires("customers.message")
def cart_remind(cart_id: int) -> AnyResponse:
    """Send the reminder; a refusal is shown on the cart's page."""
    try:
        remind(cart_id, signed_in().member.actor)
    except Conflict as refused:
        return redirect_with_message(_page(cart_id), translate(refused.message))
    return redirect_with_message(_page(cart_id), _("Reminder sent"))


@blueprint.post(f"{CART}/stop")
@requires("customers.message")
def cart_stop(cart_id: int) -> AnyResponse:
    """Stop the reminder of a cart, or allow it again with ``stopped=0``."""
    is_stopped = request.form.get("stopped") != "0"
    set_stopped(cart_id, is_stopped, signed_in().member.actor)
    return redirect_with_message(_page(cart_id), _("Reminder stopped") if is_stopped else _("Reminder allowed again"))


def _page(cart_id: int) -> str:
    return url_for("staff.cart_show", cart_id=cart_id)

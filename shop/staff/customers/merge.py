"""Merge two customers: choose the other one, preview, confirm; undo."""

from collections.abc import Sequence
from typing import Any, Final

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse

from shop.queries.customers.list import CustomerFilters, list_customers
from shop.queries.customers.merges import find_undoable
from shop.services.customers.records import get_customer
from shop.services.errors import Conflict
from shop.services.merging.customers import merge_customers, preview_merge
from shop.services.merging.undo import undo_merge
from shop.staff import blueprint
from shop.staff.customers.detail import CUSTOMER
from shop.staff.permissions import requires
from shop.staff.personal_reads import shows_personal_data
from shop.staff.session import signed_in
from shop.web.pages.forms import search_text

SHOWN = 10
ROW_WORDS: Final = {
    "orders": lazy_gettext("Orders"),
    "addresses": lazy_gettext("Addresses"),
    "customer_notes": lazy_gettext("Notes"),
    "loyalty_registrations": lazy_gettext("Loyalty registration"),
}
"""Tables named on the page; other rows move without being listed."""


@blueprint.get(f"{CUSTOMER}/merge")
@requires("customers.merge")
@shows_personal_data("customer:{customer_id}")
def customer_merge(customer_id: int) -> Response:
    """Search customers to merge with; with ``other``, preview the merge."""
    other = request.args.get("other", "")
    if other.isascii() and other.isdecimal() and len(other) < 19 and int(other) != customer_id:
        return _preview(customer_id, int(other))
    customer = get_customer(customer_id)
    typed = search_text(request.args.get("q"))
    guesses = [typed] if typed else [customer.phone, customer.last_name, customer.first_name]
    searched, others = _find_others(customer_id, guesses)
    merge = find_undoable(customer_id)
    return _page(200, customer=customer, searched=searched, others=others, merge=merge, preview=None)


def _find_others(customer_id: int, guesses: Sequence[str | None]) -> tuple[str, Sequence[Any]]:
    """Return the first text that finds other customers, and them; the last text if none does."""
    searched = ""
    for searched in filter(None, guesses):
        found = list_customers(CustomerFilters(search=searched)).rows
        others = [row for row in found if row.id != customer_id][:SHOWN]
        if others:
            return searched, others
    return searched, []


def _preview(customer_id: int, other_id: int, status: int = 200, refusal: str = "") -> Response:
    preview = preview_merge(other_id, customer_id)
    rows = [(word, preview.rows[name]) for name, word in ROW_WORDS.items() if name in preview.rows]
    return _page(status, customer=preview.target, other=preview.source, preview=preview, rows=rows, refusal=refusal)


def _page(status: int, **values: object) -> Response:
    return Response(render_template("staff/customer/merge.html", form=FlaskForm(), **values), status)


@blueprint.post(f"{CUSTOMER}/merge/<id:other_id>")
@requires("customers.merge")
def customer_merge_confirm(customer_id: int, other_id: int) -> AnyResponse:
    """Merge the other customer into this one."""
    merge_customers(other_id, customer_id, signed_in().member.actor)
    flash(_("Customers merged. You can undo this for 30 days, as long as no points were used."))
    return redirect(url_for("staff.customer_show", customer_id=customer_id), 303)


@blueprint.post("/customers/merges/<id:merge_id>/undo")
@requires("customers.merge")
def customer_merge_undo(merge_id: int) -> AnyResponse:
    """Undo a merge and show the restored customer."""
    try:
        merge = undo_merge(merge_id, signed_in().member.actor)
    except Conflict as refused:
        flash(str(refused.message))
        return redirect(url_for("staff.customer_list"), 303)
    flash(_("Merge undone"))
    return redirect(url_for("staff.customer_show", customer_id=merge.source_id), 303)

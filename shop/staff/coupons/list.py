"""The list of coupons: search, filter by state, sort, end in bulk, export."""

import re
from typing import Any

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse

from shop.domain.formats import group_digits
from shop.domain.pricing.coupons import CouponState
from shop.queries.coupons.export import COUPONS_EXPORT
from shop.queries.coupons.list import NEWEST, SORTS, CouponFilters, count_by_state, list_coupons, matching_ids
from shop.services.coupons.records import end_coupons
from shop.staff import blueprint
from shop.staff.coupons import presenter
from shop.staff.exports import send_export
from shop.staff.list_filters import FilterReader
from shop.staff.permissions import requires
from shop.staff.session import signed_in
from shop.web.pages.htmx import confirm_first, redirect_with_message

PER_PAGE = 50
MOST_AT_ONCE = 10_000


@blueprint.get("/coupons")
def coupon_list() -> str:
    """List the coupons that match the URL's filters."""
    filters, kept = _read()
    typed = request.args.get("page", "1")
    page = int(typed) if re.fullmatch("[1-9][0-9]{0,6}", typed, re.ASCII) else 1
    found = list_coupons(filters, page=page, limit=PER_PAGE, with_figures=True)
    return render_template(
        "staff/coupons/index.html",
        found=found,
        filters=filters,
        kept=kept,
        page=page,
        pages=-(-found.total // PER_PAGE),
        counts=count_by_state(),
        words=presenter,
        form=FlaskForm(),
    )


@blueprint.get("/coupons.csv")
@requires("coupons.manage")
def coupon_export() -> Response:
    """Export all coupons that match as CSV."""
    return send_export("coupons", COUPONS_EXPORT, _read()[0])


@blueprint.post("/coupons/end")
@requires("coupons.manage")
def coupon_bulk_end() -> AnyResponse | str:
    """End the selected coupons, or all that match."""
    filters, kept = _read()
    values: dict[str, Any] = kept
    back = url_for("staff.coupon_list", **values)
    chosen = [int(typed) for typed in request.form.getlist("coupon") if re.fullmatch("[0-9]{1,18}", typed, re.ASCII)]
    ids = matching_ids(filters, MOST_AT_ONCE) if "all" in request.form else chosen[:MOST_AT_ONCE]
    if not ids or not FlaskForm().validate():
        return redirect_with_message(back, _("Select the coupons to end first."))
    question = ngettext("End %(grouped)s coupon?", "End %(grouped)s coupons?", len(ids), grouped=group_digits(len(ids)))
    if asked := confirm_first(question, _("End the coupons"), back):
        return asked
    ended = end_coupons(ids, signed_in().member.actor)
    message = ngettext("%(grouped)s coupon ended.", "%(grouped)s coupons ended.", ended, grouped=group_digits(ended))
    return redirect_with_message(back, message)


def _read() -> tuple[CouponFilters, dict[str, str]]:
    reader = FilterReader(request.args)
    state = reader.choice("state", tuple(CouponState)) or ""
    filters = CouponFilters(reader.search(), state, reader.sort(SORTS, NEWEST))
    sort = filters.sort if filters.sort != NEWEST else ""
    return filters, reader.keep({"q": filters.search, "state": state, "sort": sort})

"""The till's first page: one field finds a member, or leads on to adding one."""

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from shop.domain.customers.privacy import ConsentKind
from shop.queries.till.members import FoundMembers, find_members
from shop.queries.till.sales import list_recent_sales
from shop.services.errors import Conflict, ShopError
from shop.services.shops.shops import current_slug
from shop.services.till.members import add_member
from shop.staff import blueprint
from shop.staff.permissions import requires
from shop.staff.personal_reads import shows_personal_data
from shop.staff.session import signed_in
from shop.staff.till.forms import METHOD_NAMES, JoinForm
from shop.staff.till.page import open_sale, seconds_to_undo, show_till
from shop.web.i18n import sentence_case
from shop.web.pages.forms import put_errors, search_text
from shop.web.pages.qr import qr_svg

CONSENT_TEXT = "till 2026-11"
"""The version of the question that staff ask at the till."""


@blueprint.get("/till")
@requires("orders.pay")
@shows_personal_data("list:till")
def till_show() -> AnyResponse:
    """Find a member by ``?q=``; one who is certain is opened, a phone that no one has leads to joining."""
    typed = search_text(request.args.get("q"))
    found = find_members(typed)
    if found.is_certain:
        return open_sale(found.members[0].id)
    if found.phone and not found.members and "typing" not in request.args:
        return redirect(url_for("staff.till_join", phone=typed), 303)
    return _start(typed, found)


@blueprint.get("/till/join")
@requires("customers.add")
def till_join() -> Response:
    """Show the form for a new member, with the phone that was typed."""
    return _join(JoinForm(data={"phone": search_text(request.args.get("phone"))}))


@blueprint.get("/till/join-code")
@requires("orders.pay")
def till_join_code() -> Response:
    """Show the QR code of the page where customers join by themselves."""
    url = url_for("customer_page.join_show", shop=current_slug(), _external=True)
    return show_till("join_code", code=qr_svg(url), address=url)


@blueprint.post("/till/join")
@requires("customers.add")
def till_join_submit() -> AnyResponse:
    """Add the member, and go on to the sale."""
    form = JoinForm()
    if not form.validate():
        return _join(form, 422)
    consents = {ConsentKind.LOYALTY_PROGRAMME: True} if form.joins.data else {}
    if form.marketing.data:
        consents[ConsentKind.MARKETING_SMS] = form.marketing.data == "yes"
    try:
        member = add_member(
            form.phone.data,
            form.first_name.data,
            form.last_name.data,
            signed_in().member.actor,
            consents=consents,
            text_version=CONSENT_TEXT,
        )
    except ShopError as refused:
        if isinstance(refused, Conflict):  # sent twice, or someone else has just added them
            return redirect(url_for("staff.till_show", q=form.phone.data), 303)
        if not put_errors(form, refused):
            form.phone.errors = [sentence_case(refused.message)]
        return _join(form, 422)
    return redirect(url_for("staff.till_sale_new", customer=member.id), 303)


def _join(form: JoinForm, status: int = 200) -> Response:
    return show_till("join", status, form=form)


def _start(typed: str, found: FoundMembers) -> Response:
    sales = list_recent_sales()
    return show_till(
        "start", typed=typed, found=found, sales=sales, methods=METHOD_NAMES, seconds_to_undo=seconds_to_undo
    )

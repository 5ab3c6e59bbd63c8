"""A customer's page and its actions. Each part of the page can be requested alone by its id."""

from collections.abc import Sequence
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from shop.queries.customers.page import CustomerPage, look_at_customer
from shop.services.approvals.requests import make_or_request, request_adjustment
from shop.services.customers.addresses import get_address, remove_address, save_address
from shop.services.customers.erasure.deletion import delete_customer
from shop.services.customers.notes import add_note, delete_note, pin_note
from shop.services.customers.records import update_customer
from shop.services.customers.upsert import confirm_phone
from shop.services.errors import Conflict, NotFound, ShopError
from shop.services.loyalty.adjustments import MAX_ADJUSTMENT, adjust_points, preview_adjustment
from shop.services.privacy.consents import list_consents
from shop.services.shops.shops import current_slug
from shop.staff import blueprint
from shop.staff.customers.details_form import details_form
from shop.staff.customers.forms import AddressForm, AdjustForm, DeleteForm, NoteForm, phone_owner
from shop.staff.customers.large_adjustment import confirm_adjustment
from shop.staff.customers.query import read_asked, write_asked
from shop.staff.edit_conflicts import merge_changes, write_seen
from shop.staff.large_changes import sent_for_approval
from shop.staff.ledger import entry_presenter
from shop.staff.ledger.explanation_presenter import explain
from shop.staff.permissions import requires
from shop.staff.personal_reads import shows_personal_data
from shop.staff.privacy.labels import CONSENTS
from shop.staff.session import signed_in
from shop.web.pages.formats import points_in_words
from shop.web.pages.forms import put_errors
from shop.web.pages.htmx import redirect_with_message, wants_fragment

ID = "<id:customer_id>"
CUSTOMER = f"/customers/{ID}"
ADDRESS = f"{CUSTOMER}/addresses/<id:address_id>"
NOTE = f"{CUSTOMER}/notes/<id:note_id>"
PARTS = frozenset({"who", "points", "after", "curve", "ledger", "addresses", "notes", "timeline"})
"""The parts of the page that can be requested alone; each has its own template."""


@blueprint.get(CUSTOMER)
@shows_personal_data("customer:{customer_id}")
def customer_show(customer_id: int) -> Response:
    """Show a customer."""
    return _page(customer_id)


@blueprint.get(f"{CUSTOMER}/adjust")
@shows_personal_data("customer:{customer_id}")
def customer_adjust_preview(customer_id: int) -> Response:
    """Preview the adjustment in the form."""
    return _page(customer_id, "after", adjust=AdjustForm(request.args, meta={"csrf": False}))


@blueprint.post(f"{CUSTOMER}/adjust")
@requires("points.adjust")
def customer_adjust(customer_id: int) -> AnyResponse:
    """Add or remove points."""
    form = AdjustForm()
    if "preview" in request.form:
        return _page(customer_id, "points", adjust=form)
    refusal = None
    if form.validate():
        try:
            amount = form.amount or 0
            actor = signed_in().member.actor
            if asked := confirm_adjustment(customer_id, amount):
                return asked
            details: dict[str, Any] = {"request_key": form.request_key.data, "tell": form.tell.data}
            sent = (customer_id, amount, form.whole_note, actor)
            made = make_or_request(
                lambda: adjust_points(*sent, **details), lambda: request_adjustment(*sent, **details)
            )
            if made is None:
                return sent_for_approval()
            return _done(customer_id, _adjusted(amount), ["points", "curve", "ledger", "timeline"], to_start=True)
        except NotFound:
            raise
        except ShopError as refused:
            refusal = None if put_errors(form, refused) else refused.message
    return _page(customer_id, "points", 422, adjust=form, refusal=refusal)


def _adjusted(amount: int) -> str:
    points = points_in_words(abs(amount))
    return _("%(points)s added", points=points) if amount > 0 else _("%(points)s removed", points=points)


@blueprint.post(f"{CUSTOMER}/edit")
@requires("customers.edit")
def customer_edit(customer_id: int) -> AnyResponse:
    """Change the customer's fields."""
    form = details_form()
    refusal = None
    is_valid = form.validate()
    is_stale = is_valid and merge_changes(form, details_form(look_at_customer(customer_id).customer))
    if is_valid and not is_stale:
        try:
            update_customer(customer_id, signed_in().member.actor, **form.given)
            return _done(customer_id, _("Saved"), ["who", "timeline"])
        except NotFound:
            raise
        except ShopError as refused:
            if refused.code == "email_taken":
                form.email.errors = [refused.message]
            elif refused.code == "phone_taken":
                form.phone.errors = [phone_owner(form.phone.data)]
            else:
                refusal = None if form.refuse(refused) else refused.message
    seen = None if is_stale else request.form.get("seen")
    return _page(customer_id, "who", 422, details=form, opened="edit", refusal=refusal, seen=seen)


@blueprint.post(f"{CUSTOMER}/phone-seen")
@requires("customers.edit")
def customer_phone_seen(customer_id: int) -> AnyResponse:
    """Record that staff have confirmed the customer's phone."""
    try:
        confirm_phone(customer_id, signed_in().member.actor)
    except Conflict:
        form = details_form(look_at_customer(customer_id).customer)
        form.phone.errors = [phone_owner(form.phone.data)]
        return _page(customer_id, "who", 422, details=form, opened="edit")
    return _done(customer_id, _("Phone verified"), ["who", "timeline"])


@blueprint.post(f"{CUSTOMER}/delete")
@requires("customers.delete")
def customer_delete(customer_id: int) -> AnyResponse:
    """Delete a customer permanently, if their e-mail (or phone) was typed."""
    form = DeleteForm()
    page = look_at_customer(customer_id)
    if not form.validate() or not form.confirms(page.customer.email, page.customer.phone):
        form.email.errors = [
            _("Not deleted: this is not the customer’s e-mail.")
            if page.customer.email
            else _("Not deleted: this is not the customer’s phone.")
        ]
        return _page(customer_id, "who", 422, deletion=form, opened="delete")
    delete_customer(customer_id, signed_in().member.actor)
    message = _("Customer deleted. Their orders and points entries are kept without a name.")
    return redirect_with_message(url_for("staff.customer_list"), message, replace=True)


@blueprint.post(f"{CUSTOMER}/addresses")
@requires("customers.edit")
def customer_address_add(customer_id: int) -> AnyResponse:
    """Add an address."""
    return _save_address(customer_id, None)


@blueprint.post(ADDRESS)
@requires("customers.edit")
def customer_address_save(customer_id: int, address_id: int) -> AnyResponse:
    """Change an address."""
    get_address(customer_id, address_id)
    return _save_address(customer_id, address_id)


def _save_address(customer_id: int, address_id: int | None) -> AnyResponse:
    form = AddressForm()
    refusal = None
    if form.validate():
        try:
            save_address(customer_id, form.given, signed_in().member.actor, address_id=address_id)
            return _done(customer_id, _("Address saved"), ["addresses", "timeline"])
        except NotFound:
            raise
        except ShopError as refused:
            refusal = None if put_errors(form, refused) else refused.message
    opened = f"address-{address_id}" if address_id else "address"
    return _page(customer_id, "addresses", 422, address=form, opened=opened, refusal=refusal)


@blueprint.post(f"{ADDRESS}/remove")
@requires("customers.edit")
def customer_address_remove(customer_id: int, address_id: int) -> AnyResponse:
    """Delete an address."""
    remove_address(customer_id, address_id, signed_in().member.actor)
    return _done(customer_id, _("Address removed"), ["addresses", "timeline"])


@blueprint.post(f"{CUSTOMER}/notes")
@requires("notes.write")
def customer_note_add(customer_id: int) -> AnyResponse:
    """Add a note."""
    form = NoteForm()
    if not form.validate():
        return _page(customer_id, "notes", 422, note=form)
    add_note(customer_id, form.content.data, signed_in().member.actor)
    return _done(customer_id, _("Note added"), ["notes", "timeline"])


@blueprint.post(f"{NOTE}/pin")
@requires("notes.write")
def customer_note_pin(customer_id: int, note_id: int) -> AnyResponse:
    """Pin or unpin a note."""
    pinned = request.form.get("pinned") == "yes"
    pin_note(customer_id, note_id, pinned=pinned)
    return _done(customer_id, _("Note pinned") if pinned else _("Note unpinned"), ["notes"])


@blueprint.post(f"{NOTE}/delete")
@requires("notes.write")
def customer_note_delete(customer_id: int, note_id: int) -> AnyResponse:
    """Delete one's own note."""
    delete_note(customer_id, note_id, signed_in().member.actor)
    return _done(customer_id, _("Note deleted"), ["notes", "timeline"])


def _page(customer_id: int, part: str = "ledger", status: int = 200, **given: Any) -> Response:
    """Return the page, or the part that htmx requested: its target, else ``part``."""
    page = look_at_customer(customer_id, read_asked(request.args))
    asked_for = request.headers.get("HX-Target", "").partition("#")[2]
    name = asked_for if asked_for in PARTS else part
    template = f"staff/customer/_{name}.html" if wants_fragment() else "staff/customer/show.html"
    return Response(render_template(template, **_context(page, given)), status)


def _done(customer_id: int, message: str, parts: Sequence[str], *, to_start: bool = False) -> AnyResponse:
    """Return the changed parts and a toast after an action, or without scripts a redirect to the page."""
    address = url_for("staff.customer_show", customer_id=customer_id)
    if not wants_fragment():
        flash(message)
        return redirect(f"{address}#{parts[0]}", 303)
    context = _context(look_at_customer(customer_id), {})
    answer = Response(render_template("staff/customer/_changed.html", parts=parts, message=message, **context))
    if to_start:
        answer.headers["HX-Replace-Url"] = address
    return answer


def _context(page: CustomerPage, given: dict[str, Any]) -> dict[str, Any]:
    """Return the template's variables, with submitted or new forms."""
    adjust = given.get("adjust") or AdjustForm(formdata=None)
    opened = given.get("opened") or request.args.get("open", "")
    return {
        "page": page,
        "customer": page.customer,
        "words": entry_presenter,
        "explain": explain,
        "query": write_asked,
        "opened": opened,
        "refusal": given.get("refusal"),
        "adjust": adjust,
        "most_points": MAX_ADJUSTMENT,
        "preview": preview_adjustment(page.customer.id, adjust.amount) if adjust.amount is not None else None,
        "details": given.get("details") or details_form(page.customer),
        "seen": given.get("seen") or write_seen(details_form(page.customer)),
        "deletion": given.get("deletion") or DeleteForm(formdata=None),
        "address": given.get("address") or _address_form(page, opened),
        "note": given.get("note") or NoteForm(formdata=None),
        "consents": list_consents(page.customer.id),
        "consent_labels": CONSENTS,
        "own_page": url_for("customer_page.overview", shop=current_slug(), _external=True),
    }


def _address_form(page: CustomerPage, opened: str) -> AddressForm:
    """Return the form of the address being edited; an empty one otherwise."""
    kind, _dash, wanted = opened.partition("-")
    addresses = page.addresses() if kind == "address" and wanted else []
    return AddressForm(formdata=None, obj=next((row for row in addresses if str(row.id) == wanted), None))

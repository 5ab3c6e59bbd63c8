"""Bulk actions on customers: preview, confirmation, progress."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from flask import Response, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse
from wtforms import SelectChoice, SelectField, TextAreaField
from wtforms.validators import DataRequired

from shop.domain.customers.bulk import BulkKind, BulkState
from shop.queries.customers.list import CustomerFilters, count_matching
from shop.queries.customers.selection import pack_filters
from shop.queries.listing.list_page import ROWS
from shop.queries.messages.audience import Audience, count_audience, estimate_cost
from shop.services.approvals.requests import make_or_request, request_bulk
from shop.services.bulk.actions import LONGEST_BODY, LONGEST_SUBJECT, get_bulk, list_bulk, start_bulk, stop_bulk
from shop.services.errors import InvalidInput
from shop.services.messaging.spending import get_limit
from shop.staff import blueprint
from shop.staff.customers.filters import read_filters
from shop.staff.customers.forms import WAYS, AdjustForm
from shop.staff.list_filters import read_ids
from shop.staff.messages.presenter import CHANNEL_NAMES
from shop.staff.permissions import check_permission, requires
from shop.staff.session import signed_in
from shop.web.pages.forms import put_errors, text_field
from shop.web.pages.htmx import redirect_with_message, render_page_or_fragment

BULK = "/customers/bulk/<id:bulk_id>"
NEEDS: Final = {
    "adjust": "points.adjust",
    "tag": "customers.edit",
    "message": "customers.message",
    "export": "lists.export",
}
"""The fields of each action on the page, in the order of the buttons."""
KIND_NEEDS: Final = {
    BulkKind.ADD_TAG: NEEDS["tag"],
    BulkKind.REMOVE_TAG: NEEDS["tag"],
    BulkKind.ADJUST: NEEDS["adjust"],
    BulkKind.MESSAGE: NEEDS["message"],
}
KIND_NAMES: Final = {
    BulkKind.ADD_TAG: lazy_gettext("Tag added"),
    BulkKind.REMOVE_TAG: lazy_gettext("Tag removed"),
    BulkKind.ADJUST: lazy_gettext("Points adjusted"),
    BulkKind.MESSAGE: lazy_gettext("Message sent"),
}
STATE_NAMES: Final = {
    BulkState.HELD: lazy_gettext("Waiting for approval"),
    BulkState.WAITING: lazy_gettext("Waiting to start"),
    BulkState.RUNNING: lazy_gettext("Running"),
    BulkState.DONE: lazy_gettext("Done"),
    BulkState.STOPPED: lazy_gettext("Stopped"),
}


class TagForm(FlaskForm):  # type: ignore[misc]
    """A tag to add or remove."""

    way = SelectField(
        lazy_gettext("Add or remove"),
        choices=[
            SelectChoice("add_tag", lazy_gettext("Add")),
            SelectChoice("remove_tag", lazy_gettext("Remove")),
        ],
        default="add_tag",
    )
    tag = text_field(lazy_gettext("Tag"), 40, DataRequired(lazy_gettext("Enter a tag")))

    @property
    def kind(self) -> BulkKind:
        """Whether the tag is added or removed."""
        return BulkKind(self.way.data)

    @property
    def params(self) -> dict[str, Any]:
        """The tag."""
        return {"tag": self.tag.data}


class PointsForm(AdjustForm):
    """Points to add to each customer, or to remove."""

    kind = BulkKind.ADJUST
    way = SelectField(lazy_gettext("Add or remove"), choices=WAYS, default="add")

    @property
    def params(self) -> dict[str, Any]:
        """The points and the reason."""
        return {"points": self.amount or 0, "note": self.whole_note, "tell": self.tell.data}


class MessageForm(FlaskForm):  # type: ignore[misc]
    """A message to each customer who consented."""

    kind = BulkKind.MESSAGE
    subject = text_field(lazy_gettext("Subject"), LONGEST_SUBJECT, DataRequired(lazy_gettext("Enter a subject")))
    body = text_field(
        lazy_gettext("Message"), LONGEST_BODY, DataRequired(lazy_gettext("Enter a message")), kind=TextAreaField
    )

    @property
    def params(self) -> dict[str, Any]:
        """The message."""
        return {"subject": self.subject.data, "body": self.body.data}


FORMS: Final[dict[str, type[FlaskForm]]] = {"tag": TagForm, "adjust": PointsForm, "message": MessageForm}


@blueprint.get("/customers/bulk")
@requires(*NEEDS.values())
def bulk_new() -> AnyResponse:
    """Show what an action will do to the selected customers; an export starts at once."""
    action = _action(request.args)
    if action == "export":
        return redirect(url_for("staff.customer_export", **_address(request.args)))
    return _page(action, FORMS[action](formdata=None))


@blueprint.post("/customers/bulk")
@requires(*NEEDS.values())
def bulk_start() -> AnyResponse:
    """Start an action."""
    action = _action(request.form)
    if action not in FORMS:
        return redirect(url_for("staff.customer_export", **_address(_selection())), 303)
    form = FORMS[action]()
    if not form.validate():
        return _page(action, form, 422)
    if action == "message" and "confirmed" not in request.form:
        return _page(action, form, is_review="change" not in request.form)
    filters = _filters(_selection())
    asked = form.params, pack_filters(filters), count_matching(filters), signed_in().member.actor
    held: list[int] = []
    try:
        started = make_or_request(
            lambda: start_bulk(form.kind, *asked),
            lambda: held.append(request_bulk(*asked)),
        )
    except InvalidInput as refused:
        return _page(action, form, 422, refusal="" if put_errors(form, refused) else str(refused.message))
    message = _("Sent for approval. Nothing was changed yet.") if held else _("Started")
    return redirect_with_message(url_for("staff.bulk_show", bulk_id=started or held[0]), message)


@blueprint.get("/customers/bulk/actions")
def bulk_list() -> Response:
    """List the newest actions on many customers."""
    page = "staff/customers/bulk_list.html"
    return render_page_or_fragment(page, page, actions=list_bulk(), kinds=KIND_NAMES, states=STATE_NAMES)


@blueprint.get(BULK)
def bulk_show(bulk_id: int) -> Response:
    """Show an action's progress; htmx polls while it runs."""
    return render_page_or_fragment(
        "staff/customers/bulk_show.html",
        "staff/customers/_bulk_progress.html",
        action=get_bulk(bulk_id),
        kinds=KIND_NAMES,
        needs=KIND_NEEDS,
        states=STATE_NAMES,
        form=FlaskForm(),
    )


@blueprint.post(f"{BULK}/stop")
@requires(*KIND_NEEDS.values())
def bulk_stop(bulk_id: int) -> AnyResponse:
    """Do no more of an action."""
    check_permission(signed_in().member, KIND_NEEDS[BulkKind(get_bulk(bulk_id).kind)])
    stop_bulk(bulk_id, signed_in().member.actor)
    return redirect_with_message(url_for("staff.bulk_show", bulk_id=bulk_id), _("Stopped"))


def _action(sent: Mapping[str, str]) -> str:
    """Return the action asked for, else the first that the person may do. Raise NotAllowed without the permission."""
    member = signed_in().member
    action = sent.get("action", "")
    if action not in NEEDS:
        action = next(one for one, needed in NEEDS.items() if member.may(needed))
    check_permission(member, NEEDS[action])
    return action


def _selection() -> MultiDict[str, str]:
    """Return the selection of the list's URL, or of an action's form."""
    if request.method == "GET":
        return request.args
    return MultiDict(parse_qsl(request.form.get("selection", "")[:4000], max_num_fields=200))


def _address(sent: Any) -> dict[str, Any]:
    """Return the selection as a URL's query: the list's filters, or the ids of ticked rows."""
    if sent.get("all") == "1":
        return {"all": "1", **read_filters(sent).kept}
    return {"ids": read_ids(sent, ROWS)}


def _filters(sent: Any) -> CustomerFilters:
    address = _address(sent)
    if "ids" in address:
        return CustomerFilters(ids=address["ids"] or (0,))
    return read_filters(sent).filters


def _page(action: str, form: FlaskForm, status: int = 200, *, refusal: str = "", is_review: bool = False) -> Response:
    """Return the page of an action; with ``is_review``, what a message reaches and costs before it is sent."""
    sent = _selection()
    filters = _filters(sent)
    return render_page_or_fragment(
        "staff/customers/bulk.html",
        "staff/customers/bulk.html",
        status=status,
        action=action,
        form=form,
        selection=urlencode(_address(sent), doseq=True),
        count=count_matching(filters),
        refusal=refusal,
        **(_message_values(form, count_audience(filters), is_review) if action == "message" else {}),
    )


def _message_values(form: FlaskForm, audience: Audience, is_review: bool) -> dict[str, Any]:
    sms = audience.by_channel.get("sms", 0)
    limit = get_limit() if sms else None
    cost = estimate_cost(form.body.data, sms, limit) if is_review and sms else None
    return {
        "audience": audience,
        "is_review": is_review,
        "cost": cost,
        "channels": CHANNEL_NAMES,
        "is_over": limit is not None and limit.is_reached,
    }

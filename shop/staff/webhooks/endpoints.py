"""Endpoints: listed, added, changed, their secrets rotated, deleted."""

from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from shop.domain.events import EventType
from shop.domain.text.hosts import readable_url
from shop.domain.webhooks import DeliveryStatus
from shop.queries.webhooks.deliveries import DeliveryFilter, figures_of, figures_of_endpoints, list_deliveries
from shop.services.errors import InvalidInput
from shop.services.webhooks.endpoints import (
    create_endpoint,
    delete_endpoint,
    get_endpoint,
    list_endpoints,
    rotate_secret,
    update_endpoint,
)
from shop.staff import blueprint
from shop.staff.confirmation import requires_recent_password
from shop.staff.permissions import requires
from shop.staff.personal_reads import shows_personal_data
from shop.staff.session import signed_in
from shop.staff.webhooks import presenter
from shop.staff.webhooks.forms import EndpointForm, NewEndpointForm, ReplayForm, TestForm
from shop.web.pages.forms import put_errors
from shop.web.pages.htmx import confirm_first, redirect_with_message

ENDPOINT = "<id:endpoint_id>"
PAGE = 20


@blueprint.get("/settings/webhooks")
@requires("webhooks.manage")
def webhook_list() -> str:
    """The endpoints with their figures."""
    return render_template(
        "staff/webhooks/index.html", endpoints=list_endpoints(), figures=figures_of_endpoints(), words=presenter
    )


@blueprint.get("/settings/webhooks/new")
@requires("webhooks.manage")
def webhook_new() -> str:
    """The form of a new endpoint."""
    return _form(NewEndpointForm(formdata=None))


@blueprint.post("/settings/webhooks/new")
@requires("webhooks.manage")
@requires_recent_password
def webhook_add() -> str | tuple[str, int]:
    """Add an endpoint and show its secret."""
    form = NewEndpointForm()
    if form.validate():
        try:
            given = {**form.values(), "signature": form.signature.data}
            endpoint, secret = create_endpoint(given.pop("url"), given.pop("types"), signed_in().member.actor, **given)
            return render_page(endpoint.id, secret=secret)
        except InvalidInput as refusal:
            put_errors(form, refusal)
    return _form(form), 422


@blueprint.get(f"/settings/webhooks/{ENDPOINT}")
@requires("webhooks.manage")
@shows_personal_data("list:events")
def webhook_show(endpoint_id: int) -> str:
    """An endpoint with its deliveries, filtered by ``status`` and ``type``."""
    return render_page(endpoint_id)


@blueprint.post(f"/settings/webhooks/{ENDPOINT}")
@requires("webhooks.manage")
@requires_recent_password
def webhook_save(endpoint_id: int) -> Response | tuple[str, int]:
    """Change an endpoint."""
    form = EndpointForm()
    if form.validate() and form.merges_with(_stored(get_endpoint(endpoint_id))):
        try:
            update_endpoint(endpoint_id, form.values(), signed_in().member.actor)
            return redirect_with_message(url_for("staff.webhook_show", endpoint_id=endpoint_id), _("Saved."))
        except InvalidInput as refusal:
            put_errors(form, refusal)
    return render_page(endpoint_id, form=form), 422


@blueprint.post(f"/settings/webhooks/{ENDPOINT}/rotate")
@requires("webhooks.manage")
@requires_recent_password
def webhook_rotate(endpoint_id: int) -> str:
    """Give an endpoint a new secret and show it."""
    question = _("Replace the secret? For 24 hours deliveries are signed with the old secret too.")
    back = url_for("staff.webhook_show", endpoint_id=get_endpoint(endpoint_id).id)
    if asked := confirm_first(question, _("Replace secret"), back):
        return asked
    return render_page(endpoint_id, secret=rotate_secret(endpoint_id, signed_in().member.actor)[1])


@blueprint.post(f"/settings/webhooks/{ENDPOINT}/delete")
@requires("webhooks.manage")
@requires_recent_password
def webhook_delete(endpoint_id: int) -> Response | str:
    """Delete an endpoint with its deliveries."""
    question = _("Delete %(url)s and its deliveries?", url=presenter.short_url(get_endpoint(endpoint_id).url))
    if asked := confirm_first(question, _("Delete it"), url_for("staff.webhook_show", endpoint_id=endpoint_id)):
        return asked
    delete_endpoint(endpoint_id, signed_in().member.actor)
    return redirect_with_message(url_for("staff.webhook_list"), _("Endpoint deleted."))


def _stored(endpoint: Any) -> EndpointForm:
    values = {"url": readable_url(endpoint.url), "types": ", ".join(endpoint.types)}
    return EndpointForm(formdata=None, data=vars(endpoint) | values)


def render_page(endpoint_id: int, *, form: FlaskForm | None = None, secret: str = "") -> str:
    """Return the page of an endpoint, with a form that has errors or a secret to copy. Raise NotFound."""
    endpoint = get_endpoint(endpoint_id)
    status, type, page = _filter()
    found, total = list_deliveries(DeliveryFilter(endpoint_id, status or None, type or None), page=page, limit=PAGE)
    return render_template(
        "staff/webhooks/show.html",
        endpoint=endpoint,
        form=form or _stored(endpoint),
        secret=secret,
        test_form=TestForm(formdata=None),
        replay_form=ReplayForm(formdata=None),
        figures=figures_of(endpoint_id),
        deliveries=found,
        more=total > page * PAGE,
        page=page,
        status=status,
        type=type,
        types=list(EventType),
        words=presenter,
    )


def _filter() -> tuple[str, str, int]:
    status, type = request.args.get("status", ""), request.args.get("type", "")
    page = request.args.get("page", 1, type=int)
    known = status if status in list(DeliveryStatus) else "", type if type in list(EventType) else ""
    return *known, min(max(page, 1), 100_000)


def _form(form: FlaskForm) -> str:
    return render_template("staff/webhooks/new.html", form=form, types=list(EventType))

"""API keys: create, show once, change, replace the secret, delete. For owners."""

from datetime import datetime, timedelta

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import IntegerField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, NumberRange

from shop.services import clock
from shop.services.errors import InvalidInput
from shop.services.staff.api_keys import (
    DEFAULT_RATE,
    MAX_RATE,
    NewApiKey,
    change_api_key,
    create_api_key,
    get_api_key,
    list_api_keys,
    regenerate_key,
    revoke_key,
)
from shop.staff import blueprint
from shop.staff.confirmation import requires_recent_password
from shop.staff.permissions import requires
from shop.staff.session import signed_in
from shop.web.pages.forms import MaxLength
from shop.web.pages.htmx import confirm_first, redirect_with_message

KEY = "<id:key_id>"


class KeyForm(FlaskForm):  # type: ignore[misc]
    """A new key."""

    name = StringField(lazy_gettext("Name"), [InputRequired(lazy_gettext("Enter a name for the key")), MaxLength(200)])
    permission = SelectField(
        lazy_gettext("Access"),
        choices=[
            SelectChoice("write", lazy_gettext("read and write")),
            SelectChoice("read", lazy_gettext("read only")),
        ],
    )
    rate = IntegerField(
        lazy_gettext("Requests per minute"),
        [InputRequired(lazy_gettext("Enter a whole number")), NumberRange(1, MAX_RATE)],
        default=DEFAULT_RATE,
    )
    days = SelectField(
        lazy_gettext("Expires"),
        choices=[
            SelectChoice("365", lazy_gettext("after a year")),
            SelectChoice("90", lazy_gettext("after 90 days")),
            SelectChoice("30", lazy_gettext("after 30 days")),
            SelectChoice("0", lazy_gettext("never")),
        ],
    )


class KeyChangeForm(FlaskForm):  # type: ignore[misc]
    """The fields of a key that can be changed."""

    name = KeyForm.name
    rate = KeyForm.rate
    days = SelectField(
        lazy_gettext("Expires"),
        choices=[
            SelectChoice("keep", lazy_gettext("as it is")),
            SelectChoice("365", lazy_gettext("a year from now")),
            SelectChoice("90", lazy_gettext("90 days from now")),
            SelectChoice("30", lazy_gettext("30 days from now")),
            SelectChoice("0", lazy_gettext("never")),
        ],
    )


@blueprint.get("/settings/keys")
@requires("keys.manage")
def key_list() -> str:
    """List the shop's keys."""
    return _page(KeyForm())


@blueprint.post("/settings/keys")
@requires("keys.manage")
@requires_recent_password
def key_create() -> str | tuple[str, int]:
    """Create a key and show its secret, once."""
    form = KeyForm()
    try:
        if form.validate():
            days = int(form.days.data)
            made = create_api_key(
                form.name.data,
                may_write=form.permission.data == "write",
                rate_limit_per_minute=form.rate.data,
                life=timedelta(days=days) if days else None,
                actor=signed_in().member.actor,
            )
            return _page(KeyForm(formdata=None), made)
    except InvalidInput as refusal:
        form.name.errors = [refusal.message]
    return _page(form), 422


@blueprint.get(f"/settings/keys/{KEY}/edit")
@requires("keys.manage")
def key_edit(key_id: int) -> str:
    """List the keys with one open for editing."""
    key = get_api_key(key_id)
    return _page(KeyChangeForm(name=key.name, rate=key.rate_limit_per_minute), editing=key.id)


@blueprint.post(f"/settings/keys/{KEY}/edit")
@requires("keys.manage")
@requires_recent_password
def key_save(key_id: int) -> Response | tuple[str, int]:
    """Change a key's name, limit or expiry."""
    form, key = KeyChangeForm(), get_api_key(key_id)
    try:
        if form.validate():
            changed = change_api_key(
                key_id,
                name=form.name.data,
                rate_limit_per_minute=form.rate.data,
                expires_at=key.expires_at if form.days.data == "keep" else _end(int(form.days.data)),
                actor=signed_in().member.actor,
            )
            return redirect_with_message(
                url_for("staff.key_list"), _("Key saved.") if changed else _("Nothing was changed.")
            )
    except InvalidInput as refusal:
        form.name.errors = [refusal.message]
    return _page(form, editing=key_id), 422


@blueprint.post(f"/settings/keys/{KEY}/regenerate")
@requires("keys.manage")
@requires_recent_password
def key_regenerate(key_id: int) -> str:
    """Replace a key's secret and show it, once."""
    question = _(
        "Replace the secret of %(name)s? The old secret stops working immediately.", name=get_api_key(key_id).name
    )
    if asked := confirm_first(question, _("Replace secret"), url_for("staff.key_list")):
        return asked
    return _page(KeyForm(formdata=None), regenerate_key(key_id, signed_in().member.actor))


@blueprint.post(f"/settings/keys/{KEY}/revoke")
@requires("keys.manage")
@requires_recent_password
def key_revoke(key_id: int) -> Response | str:
    """Delete a key."""
    question = _("Revoke %(name)s? Software that uses it stops working immediately.", name=get_api_key(key_id).name)
    if asked := confirm_first(question, _("Revoke key"), url_for("staff.key_list")):
        return asked
    revoke_key(key_id, signed_in().member.actor)
    return redirect_with_message(
        url_for("staff.key_list"), _("Key revoked. Software that uses it no longer has access.")
    )


def _end(days: int) -> datetime | None:
    return clock.real_now() + timedelta(days=days) if days else None


def _page(form: FlaskForm, made: NewApiKey | None = None, editing: int | None = None) -> str:
    keys = list_api_keys()
    return render_template(
        "staff/settings/keys.html", form=form, made=made, editing=editing, keys=keys, now=clock.real_now()
    )

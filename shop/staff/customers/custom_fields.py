"""The shop's own customer fields: add, change, delete."""

from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, IntegerField, SelectChoice, SelectField
from wtforms.validators import DataRequired, NumberRange
from wtforms.validators import Optional as MayBeEmpty

from shop.domain.customers.custom_fields import CustomFieldType
from shop.services.customers.custom_fields import (
    LONGEST_NAME,
    CustomFieldGiven,
    add_custom_field,
    change_custom_field,
    delete_custom_field,
    get_custom_field,
    list_custom_fields,
)
from shop.services.errors import InvalidInput
from shop.staff import blueprint
from shop.staff.permissions import requires
from shop.staff.session import signed_in
from shop.web.pages.forms import put_errors, text_field
from shop.web.pages.htmx import confirm_first, redirect_with_message, render_page_or_fragment

FIELD = "<id:field_id>"
TYPE_NAMES = {
    CustomFieldType.TEXT: lazy_gettext("Text"),
    CustomFieldType.NUMBER: lazy_gettext("Number"),
    CustomFieldType.DATE: lazy_gettext("Date"),
    CustomFieldType.CHOICE: lazy_gettext("Choice"),
    CustomFieldType.YES_NO: lazy_gettext("Yes or no"),
}


class CustomFieldForm(FlaskForm):  # type: ignore[misc]
    """A field to add or change."""

    name = text_field(lazy_gettext("Name"), LONGEST_NAME, DataRequired(lazy_gettext("Enter a name")))
    type = SelectField(
        lazy_gettext("Type"), choices=[SelectChoice(str(kind), word) for kind, word in TYPE_NAMES.items()]
    )
    choices = text_field(lazy_gettext("Choices"), 1000)
    on_form = BooleanField(lazy_gettext("On the form"), default=True)
    in_list = BooleanField(lazy_gettext("In the list"))
    in_export = BooleanField(lazy_gettext("In the export"), default=True)
    position = IntegerField(
        lazy_gettext("Position"), [MayBeEmpty(), NumberRange(0, 1000, lazy_gettext("0 to 1,000"))], default=0
    )

    @property
    def given(self) -> CustomFieldGiven:
        """Return the field as it was typed."""
        shown = {name: self[name].data for name in ("on_form", "in_list", "in_export")}
        choices = (self.choices.data or "").split(",") if self.type.data == CustomFieldType.CHOICE else ()
        return CustomFieldGiven(self.name.data, self.type.data, choices, position=self.position.data or 0, **shown)


@blueprint.get("/settings/customer-fields")
@requires("store.set")
def custom_field_list() -> Response:
    """List the shop's own fields; ``?edit=`` opens one."""
    opened = request.args.get("edit", "")
    field = get_custom_field(int(opened)) if opened.isascii() and opened.isdecimal() and len(opened) < 19 else None
    if field is None:
        return _page(CustomFieldForm(formdata=None))
    values = {**vars(field), "choices": ", ".join(field.choices)}
    return _page(CustomFieldForm(formdata=None, data=values), field_id=field.id)


@blueprint.post("/settings/customer-fields")
@requires("store.set")
def custom_field_add() -> AnyResponse:
    """Add a field."""
    form = CustomFieldForm()
    if form.validate():
        try:
            made = add_custom_field(form.given, signed_in().member.actor)
            return redirect_with_message(url_for("staff.custom_field_list"), _("Field added: %(name)s", name=made.name))
        except InvalidInput as refused:
            put_errors(form, refused)
    return _page(form, 422)


@blueprint.post(f"/settings/customer-fields/{FIELD}")
@requires("store.set")
def custom_field_save(field_id: int) -> AnyResponse:
    """Change a field."""
    get_custom_field(field_id)
    form = CustomFieldForm()
    if form.validate():
        try:
            change_custom_field(field_id, form.given, signed_in().member.actor)
            return redirect_with_message(url_for("staff.custom_field_list"), _("Saved"))
        except InvalidInput as refused:
            put_errors(form, refused)
    return _page(form, 422, field_id=field_id)


@blueprint.post(f"/settings/customer-fields/{FIELD}/delete")
@requires("store.set")
def custom_field_delete(field_id: int) -> AnyResponse | str:
    """Delete a field, after asking."""
    field, here = get_custom_field(field_id), url_for("staff.custom_field_list")
    question = _("Delete the field %(name)s? Its values are no longer shown.", name=field.name)
    asked = confirm_first(question, _("Delete field"), here)
    if asked is not None:
        return asked
    name = field.name
    delete_custom_field(field_id, signed_in().member.actor)
    return redirect_with_message(here, _("Field deleted: %(name)s", name=name))


def _page(form: CustomFieldForm, status: int = 200, **more: Any) -> Response:
    page = "staff/settings/customer_fields.html"
    values = {"fields": list_custom_fields(), "type_names": TYPE_NAMES, "field_id": None, **more}
    return render_page_or_fragment(page, page, status=status, form=form, **values)

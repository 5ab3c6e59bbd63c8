"""Roles of a shop's own: named sets of permissions. For owners."""

from typing import Final

from flask import Response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms import SelectMultipleField
from wtforms.validators import DataRequired

from shop.domain.permissions import ALWAYS, AREAS, GRANTABLE, OWNERS_ONLY, permissions_of
from shop.domain.statuses import Role
from shop.services.errors import Conflict, InvalidInput
from shop.services.staff.roles import (
    LONGEST_NAME,
    count_by_role,
    delete_role,
    get_role,
    list_roles,
    save_role,
)
from shop.staff import blueprint
from shop.staff.confirmation import requires_recent_password
from shop.staff.edit_conflicts import EditForm
from shop.staff.permissions import AREA_NAMES, PERMISSION_NAMES, requires
from shop.staff.session import signed_in
from shop.web.pages.forms import put_errors, text_field
from shop.web.pages.htmx import confirm_first, redirect_with_message, render_page_or_fragment

ROLE: Final = "/settings/roles/<id:role_id>"
STARTS: Final = {
    "cashier": (
        lazy_gettext("Cashier"),
        {"customers.add", "notes.write", "orders.create", "orders.pay", "points.adjust"},
    ),
    "packer": (lazy_gettext("Packer"), {"orders.fulfil", "notes.write"}),
    "stock": (lazy_gettext("Stock keeper"), {"products.write", "lists.export"}),
    "marketing": (
        lazy_gettext("Marketing"),
        {"customers.edit", "customers.message", "coupons.manage", "reports.read"},
    ),
    "accountant": (lazy_gettext("Accountant"), {"reports.read", "lists.export", "audit.read"}),
    "manager": (lazy_gettext("Manager"), set(permissions_of(Role.MANAGER) & GRANTABLE)),
}
"""The presets for a new role."""


class RoleForm(EditForm):
    """A role of the shop's own."""

    name = text_field(lazy_gettext("Name"), LONGEST_NAME, DataRequired(lazy_gettext("Enter a name")))
    permissions = SelectMultipleField(lazy_gettext("Permissions"), choices=sorted(GRANTABLE))


@blueprint.get("/settings/roles")
@requires("staff.manage")
def role_list() -> Response:
    """The preset roles and the shop's own."""
    presets = {role: permissions_of(role) for role in (Role.CLERK, Role.MANAGER, Role.OWNER)}
    page = "staff/settings/roles.html"
    return render_page_or_fragment(
        page,
        page,
        roles=list_roles(),
        counts=count_by_role(),
        presets=presets,
        areas=AREAS,
        area_names=AREA_NAMES,
        names=PERMISSION_NAMES,
    )


@blueprint.get("/settings/roles/new")
@requires("staff.manage")
def role_new() -> Response:
    """The form of a new role; ``?start=`` ticks the permissions of a common one."""
    name, ticked = STARTS.get(request.args.get("start", ""), ("", set()))
    return _page(RoleForm(formdata=None, data={"name": str(name), "permissions": sorted(ticked)}))


@blueprint.post("/settings/roles/new")
@requires("staff.manage")
@requires_recent_password
def role_add() -> AnyResponse:
    """Add a role."""
    return _save(None)


@blueprint.get(ROLE)
@requires("staff.manage")
def role_show(role_id: int) -> Response:
    """The form of a role."""
    return _page(_stored(role_id), role_id)


def _stored(role_id: int) -> RoleForm:
    role = get_role(role_id)
    return RoleForm(formdata=None, data={"name": role.name, "permissions": role.permissions})


@blueprint.post(ROLE)
@requires("staff.manage")
@requires_recent_password
def role_save(role_id: int) -> AnyResponse:
    """Change a role."""
    get_role(role_id)
    return _save(role_id)


def _save(role_id: int | None) -> AnyResponse:
    form = RoleForm()
    if form.validate() and (role_id is None or form.merges_with(_stored(role_id))):
        try:
            role = save_role(role_id, form.name.data, form.permissions.data or [], signed_in().member.actor)
            return redirect_with_message(url_for("staff.role_list"), _("Role saved: %(name)s", name=role.name))
        except InvalidInput as refused:
            put_errors(form, refused)
    return _page(form, role_id, 422)


@blueprint.post(f"{ROLE}/delete")
@requires("staff.manage")
@requires_recent_password
def role_delete(role_id: int) -> AnyResponse | str:
    """Delete a role that no one has."""
    name, here = get_role(role_id).name, url_for("staff.role_list")
    asked = confirm_first(_("Delete the role %(name)s?", name=name), _("Delete role"), here)
    if asked is not None:
        return asked
    try:
        delete_role(role_id, signed_in().member.actor)
    except Conflict as refused:
        return redirect_with_message(here, _(refused.message_template))
    return redirect_with_message(here, _("Role deleted: %(name)s", name=name))


def _page(form: RoleForm, role_id: int | None = None, status: int = 200) -> Response:
    page = "staff/settings/role.html"
    return render_page_or_fragment(
        page,
        page,
        status=status,
        form=form,
        role_id=role_id,
        starts=STARTS,
        areas=AREAS,
        area_names=AREA_NAMES,
        names=PERMISSION_NAMES,
        always=ALWAYS,
        owners_only=OWNERS_ONLY,
        people=count_by_role().get(role_id, 0) if role_id else 0,
    )

"""Members of the shop: invite, change the role, remove. For owners."""

from typing import Any

from flask import current_app, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import EmailField, SelectChoice, SelectField
from wtforms.validators import InputRequired

from shop.domain.statuses import Role
from shop.services.errors import Conflict, InvalidInput
from shop.services.shops.settings import change_settings, get_settings
from shop.services.staff.links import invite_staff, list_invitations, withdraw_invitation
from shop.services.staff.members import change_role, get_person, list_members, remove_member
from shop.services.staff.roles import PREFIX, list_roles
from shop.services.staff.second_factor import list_with_factor, reset_second_factor
from shop.staff import blueprint
from shop.staff.confirmation import requires_recent_password
from shop.staff.permissions import ROLE_NAMES, requires
from shop.staff.session import signed_in
from shop.web.pages.forms import MaxLength
from shop.web.pages.htmx import confirm_first, redirect_with_message

ROLE_CHOICES = (
    (Role.CLERK, lazy_gettext("Clerk: can look up and adjust points within the daily limit")),
    (Role.MANAGER, lazy_gettext("Manager: everything except staff, API keys and payment methods")),
    (Role.OWNER, lazy_gettext("Owner: everything")),
)
USER = "<id:user_id>"
FACTOR_REQUIRED = "staff_second_factor_required"


class InviteForm(FlaskForm):  # type: ignore[misc]
    """The e-mail and role of an invitation."""

    email = EmailField(lazy_gettext("E-mail"), [InputRequired(lazy_gettext("Enter an e-mail")), MaxLength(254)])
    role = SelectField(lazy_gettext("Role"))

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        presets = [SelectChoice(role, words) for role, words in ROLE_CHOICES]
        own = [SelectChoice(f"{PREFIX}{role.id}", role.name) for role in list_roles()]
        self.role.choices = presets + own


@blueprint.get("/settings/staff")
@requires("staff.manage")
def member_list() -> str:
    """List members and open invitations."""
    return _page(InviteForm())


@blueprint.post("/settings/staff/invite")
@requires("staff.manage")
@requires_recent_password
def member_invite() -> Response | tuple[str, int]:
    """Mail an invitation."""
    form = InviteForm()
    try:
        if form.validate():
            config, actor = current_app.config, signed_in().member.actor
            invite_staff(
                form.email.data,
                form.role.data,
                actor,
                secret_key=config["SECRET_KEY"],
                public_url=config["PUBLIC_URL"],
            )
            return redirect_with_message(url_for("staff.member_list"), _("Invitation sent."))
    except (InvalidInput, Conflict) as refusal:
        form.email.errors = [refusal.message]
    return _page(form), 422


@blueprint.post(f"/settings/staff/{USER}/role")
@requires("staff.manage")
@requires_recent_password
def member_role(user_id: int) -> Response | tuple[str, int]:
    """Change a member's role."""
    try:
        change_role(user_id, request.form.get("role", ""), signed_in().member.actor)
    except (Conflict, InvalidInput) as refusal:
        return _page(InviteForm(), refusal.message), 422
    return redirect_with_message(url_for("staff.member_list"), _("Role changed."))


@blueprint.post(f"/settings/staff/{USER}/remove")
@requires("staff.manage")
@requires_recent_password
def member_remove(user_id: int) -> Response | str | tuple[str, int]:
    """Remove a member from the shop."""
    question = _("Remove %(name)s from the shop?", name=get_person(user_id).name)
    if asked := confirm_first(question, _("Remove from the shop"), url_for("staff.member_list")):
        return asked
    try:
        remove_member(user_id, signed_in().member.actor)
    except Conflict as refusal:
        return _page(InviteForm(), refusal.message), 422
    return redirect_with_message(url_for("staff.member_list"), _("Removed. The audit log keeps what they did."))


@blueprint.post(f"/settings/staff/{USER}/reset-second-factor")
@requires("staff.manage")
@requires_recent_password
def member_factor_reset(user_id: int) -> Response | str | tuple[str, int]:
    """Remove the second factor of a member who has lost it."""
    question = _(
        "Reset the second factor of %(name)s? Their password alone will be enough to sign in.",
        name=get_person(user_id).name,
    )
    if asked := confirm_first(question, _("Reset second factor"), url_for("staff.member_list")):
        return asked
    try:
        reset_second_factor(user_id, signed_in().member.actor)
    except InvalidInput as refusal:
        return _page(InviteForm(), refusal.message), 422
    return redirect_with_message(url_for("staff.member_list"), _("Second factor reset."))


@blueprint.post("/settings/staff/second-factor")
@requires("staff.manage")
@requires_recent_password
def member_factor_require() -> Response:
    """Require a second factor of all staff, or stop requiring it, from each member's next sign-in."""
    changed = change_settings({FACTOR_REQUIRED: "required" in request.form}, signed_in().member.actor)
    return redirect_with_message(url_for("staff.member_list"), _("Saved.") if changed else _("Nothing was changed."))


@blueprint.post("/settings/staff/invitations/<id:invitation_id>/withdraw")
@requires("staff.manage")
def invitation_withdraw(invitation_id: int) -> Response:
    """Withdraw an invitation."""
    withdraw_invitation(invitation_id, signed_in().member.actor)
    return redirect_with_message(url_for("staff.member_list"), _("Invitation withdrawn."))


def _page(form: InviteForm, refusal: str | None = None) -> str:
    own_roles = list_roles()
    return render_template(
        "staff/settings/members.html",
        form=form,
        refusal=refusal,
        members=list_members(),
        with_factor=list_with_factor(),
        required=get_settings().values[FACTOR_REQUIRED] == "true",
        invitations=list_invitations(),
        roles=[(role, ROLE_NAMES[role]) for role, _words in ROLE_CHOICES]
        + [(f"{PREFIX}{role.id}", role.name) for role in own_roles],
        prefix=PREFIX,
        own_names={role.id: role.name for role in own_roles},
    )

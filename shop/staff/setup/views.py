"""Hide the checklist of the overview."""

from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shop.services.shops.settings import change_setting
from shop.staff import blueprint
from shop.staff.permissions import requires
from shop.staff.session import signed_in
from shop.web.pages.htmx import redirect_with_message


@blueprint.post("/setup/hide")
@requires("store.set")
def setup_hide() -> Response:
    """Hide the checklist from everybody in the shop."""
    change_setting("setup_checklist", "false", signed_in().member.actor)
    return redirect_with_message(
        url_for("staff.home_show"), _("Hidden. Turn it on again under Store, Set-up checklist.")
    )

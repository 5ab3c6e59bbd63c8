"""Hide the checklist; load and remove the sample catalogue."""

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from shop.services.catalogue.sample import load_sample_catalogue, remove_sample_catalogue
from shop.services.shops.settings import change_setting
from shop.staff import blueprint
from shop.staff.permissions import requires
from shop.staff.session import signed_in
from shop.web.pages.htmx import redirect_with_message


@blueprint.post("/setup/hide")
@requires("store.set")
def setup_hide() -> Response:
    """Hide the checklist for the whole shop."""
    change_setting("setup_checklist", "false", signed_in().member.actor)
    return redirect_with_message(
        url_for("staff.home_show"), _("Hidden. Turn it on again under Store, Set-up checklist.")
    )


@blueprint.post("/setup/samples")
@requires("products.write")
def setup_samples_load() -> Response:
    """Load the sample catalogue."""
    count = load_sample_catalogue(signed_in().member.actor)
    message = ngettext("%(num)s sample product added.", "%(num)s sample products added.", count)
    return redirect_with_message(url_for("staff.home_show"), message)


@blueprint.post("/setup/samples/remove")
@requires("products.write")
def setup_samples_remove() -> Response:
    """Remove the sample catalogue."""
    count = remove_sample_catalogue(signed_in().member.actor)
    message = ngettext("%(num)s sample product removed.", "%(num)s sample products removed.", count)
    return redirect_with_message(url_for("staff.home_show"), message)

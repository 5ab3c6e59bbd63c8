"""The shop's logo, on the page of the store's settings."""

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shop.services.errors import InvalidInput
from shop.services.images.logo import remove_logo, set_logo
from shop.services.shops.settings import get_settings
from shop.staff import blueprint
from shop.staff.permissions import requires
from shop.staff.session import signed_in
from shop.staff.settings.store import LogoForm, store_page
from shop.web.i18n import sentence_case, translate
from shop.web.pages.htmx import redirect_with_message
from shop.web.pages.view_options import accepts_upload


@blueprint.post("/settings/store/logo")
@requires("store.set")
@accepts_upload("UPLOAD_MAX_BYTES")
def store_logo_save() -> Response | tuple[str, int]:
    """Upload a logo or remove it, by the pressed button."""
    form, actor = LogoForm(), signed_in().member.actor
    here = url_for("staff.store_show")
    if form.validate():
        if "delete" in request.form:
            remove_logo(actor)
            return redirect_with_message(here, _("Logo removed"))
        try:
            set_logo(form.logo.data.read() if form.logo.data else None, actor)
            return redirect_with_message(here, _("Logo saved"))
        except InvalidInput as refused:
            form.logo.errors = [sentence_case(translate(refused.errors[0].message))]
    return store_page(get_settings().values, {}, logo_form=form), 422

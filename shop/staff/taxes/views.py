"""Taxes: switched on and off; classes added, changed, deleted."""

from flask import Response, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse

from shop.domain.ids import find_id
from shop.domain.pricing.taxes import TaxPrices
from shop.services.errors import Conflict, InvalidInput
from shop.services.taxes.classes import (
    add_kenyan_classes,
    delete_tax_class,
    get_tax_class,
    list_tax_classes,
    save_tax_class,
    set_default_tax_class,
    set_tax_prices,
)
from shop.staff import blueprint
from shop.staff.permissions import requires
from shop.staff.session import signed_in
from shop.staff.taxes.forms import TaxClassForm, TaxPricesForm, per_cent, typed
from shop.web.i18n import translate
from shop.web.pages.formats import shop_settings
from shop.web.pages.forms import put_errors
from shop.web.pages.htmx import confirm_first, redirect_with_message, render_page_or_fragment

CLASS = "<id:class_id>"


@blueprint.get("/settings/taxes")
@requires("store.set")
def tax_show() -> Response:
    """Show tax settings and classes; ``?edit=`` opens one."""
    opened = request.args.get("edit", type=find_id)
    if opened is not None:
        return _page(_stored(opened), class_id=opened)
    return _page(TaxClassForm(formdata=None))


@blueprint.post("/settings/taxes")
@requires("store.set")
def tax_prices_save() -> AnyResponse:
    """Set how prices relate to tax."""
    form = TaxPricesForm()
    if not form.validate():
        return _page(TaxClassForm(formdata=None), 422)
    set_tax_prices(TaxPrices(form.prices.data), signed_in().member.actor)
    return redirect_with_message(url_for("staff.tax_show"), _("Saved."))


@blueprint.post("/settings/taxes/kenya")
@requires("store.set")
def tax_classes_add_kenyan() -> AnyResponse:
    """Add the missing tax classes of Kenya."""
    if FlaskForm().validate():
        add_kenyan_classes(signed_in().member.actor)
    return redirect_with_message(url_for("staff.tax_show"), _("Saved."))


@blueprint.post("/settings/taxes/classes")
@requires("store.set")
def tax_class_add() -> AnyResponse:
    """Add a class."""
    return _save(None)


@blueprint.post(f"/settings/taxes/classes/{CLASS}")
@requires("store.set")
def tax_class_save(class_id: int) -> AnyResponse:
    """Change a class."""
    get_tax_class(class_id)
    return _save(class_id)


@blueprint.post(f"/settings/taxes/classes/{CLASS}/default")
@requires("store.set")
def tax_class_make_default(class_id: int) -> AnyResponse:
    """Make a class the default."""
    if FlaskForm().validate():
        set_default_tax_class(class_id, signed_in().member.actor)
    return redirect_with_message(url_for("staff.tax_show"), _("Saved."))


@blueprint.post(f"/settings/taxes/classes/{CLASS}/delete")
@requires("store.set")
def tax_class_delete(class_id: int) -> AnyResponse | str:
    """Delete a class, after a confirmation."""
    here = url_for("staff.tax_show")
    question = _("Delete the tax class %(code)s? Orders keep their taxes.", code=get_tax_class(class_id).code)
    if asked := confirm_first(question, _("Delete it"), here):
        return asked
    try:
        delete_tax_class(class_id, signed_in().member.actor)
    except Conflict as refusal:
        return redirect_with_message(here, translate(refusal.message))
    return redirect_with_message(here, _("Tax class deleted"))


def _stored(class_id: int) -> TaxClassForm:
    return TaxClassForm(formdata=None, data=typed(get_tax_class(class_id)))


def _save(class_id: int | None) -> AnyResponse:
    form = TaxClassForm()
    if form.validate() and (class_id is None or form.merges_with(_stored(class_id))):
        try:
            save_tax_class(class_id, form.given, signed_in().member.actor)
            return redirect_with_message(url_for("staff.tax_show"), _("Saved."))
        except InvalidInput as refusal:
            put_errors(form, refusal)
    return _page(form, 422, class_id=class_id)


def _page(form: TaxClassForm, status: int = 200, class_id: int | None = None) -> Response:
    page = "staff/taxes/show.html"
    response = render_page_or_fragment(
        page,
        page,
        form=form,
        class_id=class_id,
        prices=TaxPricesForm(formdata=None, data={"prices": shop_settings().values["tax_prices"]}),
        classes=list_tax_classes(),
        per_cent=per_cent,
    )
    response.status_code = status
    return response

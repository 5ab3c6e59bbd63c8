"""Actions on a product besides its form: stock, pictures, duplicate, delete."""

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from shop.domain.text.cleaning import drop_unstorable
from shop.services.catalogue.adjustments import adjust_stock, count_stock, transfer_stock
from shop.services.catalogue.products.images import add_image, delete_image, describe_image, list_images, order_images
from shop.services.catalogue.products.records import delete_product, duplicate_product, get_product
from shop.services.errors import ShopError
from shop.staff import blueprint
from shop.staff.permissions import requires
from shop.staff.products.detail import ID, show_product
from shop.staff.products.forms import PictureForm, StockForm, TransferForm
from shop.staff.session import signed_in
from shop.web.i18n import sentence_case, translate
from shop.web.pages.htmx import confirm_first, redirect_with_message
from shop.web.pages.view_options import accepts_upload

IMAGE = f"/products/{ID}/images/<id:image_id>"


def _back(product_id: int, message: str, anchor: str) -> AnyResponse:
    return redirect_with_message(url_for("staff.product_show", product_id=product_id, _anchor=anchor), message)


@blueprint.post(f"/products/{ID}/stock")
@requires("products.write")
def product_stock_change(product_id: int) -> AnyResponse:
    """Record received or removed pieces, or a count."""
    form = StockForm().offer(get_product(product_id))
    if form.validate():
        try:
            _move(product_id, form)
            return _back(product_id, _("Stock changed"), "stock")
        except ShopError as refused:
            message = refused.errors[0].message if refused.errors else refused.message
            form.pieces.errors = [sentence_case(translate(message))]
    return show_product(get_product(product_id), stock_form=form, status=422)


def _move(product_id: int, form: StockForm) -> None:
    variant_id, pieces, actor = form.article.data or None, form.pieces.data, signed_in().member.actor
    where = {"variant_id": variant_id, "branch_id": form.branch.data}
    if form.kind.data == "count":
        count_stock(product_id, pieces, form.reason.data, actor, **where)
        return
    change = pieces if form.kind.data == "add" else -pieces
    adjust_stock(product_id, change, form.reason.data, actor, **where)


@blueprint.post(f"/products/{ID}/stock/transfer")
@requires("products.write")
def product_stock_transfer(product_id: int) -> AnyResponse:
    """Move pieces from one branch to another."""
    form = TransferForm(prefix="move-").offer(get_product(product_id))
    if form.validate():
        article, branches = (product_id, form.article.data or None), (form.source.data, form.target.data)
        try:
            transfer_stock(article, branches, form.pieces.data, form.reason.data, signed_in().member.actor)
            return _back(product_id, _("Stock moved"), "stock")
        except ShopError as refused:
            error = refused.errors[0] if refused.errors else None
            wrong = form.target if error and error.field == "to_branch_id" else form.pieces
            wrong.errors = [sentence_case(translate(error.message if error else refused.message))]
    return show_product(get_product(product_id), transfer_form=form, status=422)


@blueprint.post(f"/products/{ID}/images")
@requires("products.write")
@accepts_upload("UPLOAD_MAX_BYTES")
def product_image_add(product_id: int) -> AnyResponse:
    """Add a picture."""
    form = PictureForm()
    if form.validate():
        try:
            file = form.image.data
            add_image(product_id, file.read() if file else None, form.alt.data or "", signed_in().member.actor)
            return _back(product_id, _("Picture added"), "pictures")
        except ShopError as refused:
            message = refused.errors[0].message if refused.errors else refused.message
            form.image.errors = [sentence_case(translate(message))]
    return show_product(get_product(product_id), picture_form=form, status=422)


@blueprint.post(IMAGE)
@requires("products.write")
def product_image_save(product_id: int, image_id: int) -> AnyResponse:
    """Describe, move or delete a picture, by the pressed button."""
    actor = signed_in().member.actor
    if "delete" in request.form:
        delete_image(product_id, image_id, actor)
        return _back(product_id, _("Picture deleted"), "pictures")
    if "earlier" in request.form:
        ids = [image.id for image in list_images(product_id)]
        place = ids.index(image_id) if image_id in ids else 0
        if place > 0:
            ids[place - 1], ids[place] = ids[place], ids[place - 1]
            order_images(product_id, ids, actor)
        return _back(product_id, _("Order of pictures changed"), "pictures")
    describe_image(product_id, image_id, drop_unstorable(request.form.get("alt", "")), actor)
    return _back(product_id, _("Description saved"), "pictures")


@blueprint.post(f"/products/{ID}/duplicate")
@requires("products.write")
def product_duplicate(product_id: int) -> AnyResponse:
    """Add a hidden copy of a product, without codes and stock, and go to it."""
    product = get_product(product_id)
    copy = duplicate_product(product_id, _("%(name)s (copy)", name=product.name)[:200], signed_in().member.actor)
    return redirect_with_message(url_for("staff.product_show", product_id=copy.id), _("Product copied"))


@blueprint.post(f"/products/{ID}/delete")
@requires("products.write")
def product_remove(product_id: int) -> AnyResponse | str:
    """Delete a product, or archive one that was sold."""
    product = get_product(product_id)
    question = _("Delete %(name)s? A product that was sold is archived instead.", name=product.name)
    here = url_for("staff.product_show", product_id=product_id)
    asked = confirm_first(question, _("Delete product"), here)
    if asked is not None:
        return asked
    if delete_product(product_id, signed_in().member.actor):
        return redirect_with_message(url_for("staff.product_list"), _("Product deleted"))
    return redirect_with_message(here, _("Product archived, as it was sold"))

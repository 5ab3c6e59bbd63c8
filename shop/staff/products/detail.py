"""The page of a product, existing or new."""

from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from shop.queries.catalogue.movements import list_movements, stock_in_branches
from shop.services.catalogue.adjustments import list_branches
from shop.services.catalogue.categories import list_categories
from shop.services.catalogue.products.records import create_product, get_product, update_product
from shop.services.errors import ShopError
from shop.staff import blueprint
from shop.staff.edit_conflicts import merge_changes, read_form, write_seen
from shop.staff.permissions import requires
from shop.staff.products.forms import PictureForm, ProductForm, StockForm, TransferForm
from shop.staff.products.presenter import MOVEMENT_BADGES, MOVEMENT_NAMES, STATUS_NAMES, level_of, stock_of
from shop.staff.products.variant_rows import VariantRow, empty_row, merge_rows, rows_of, submitted_rows, variant_texts
from shop.staff.session import signed_in
from shop.web.i18n import translate
from shop.web.pages.forms import put_errors
from shop.web.pages.htmx import redirect_with_message, render_page_or_fragment

ID = "<id:product_id>"
FIELDS = {"price_cents": "price", "sku_taken": "sku", "barcode_taken": "barcode", "slug_taken": "slug"}


@blueprint.get("/products/new")
@requires("products.write")
def product_new() -> Response:
    """Show the form for a new product."""
    form = ProductForm.of(None, list_categories())
    return _new(form, [])


@blueprint.post("/products/new")
@requires("products.write")
def product_create() -> AnyResponse:
    """Add a product and go to its page."""
    form, rows = ProductForm.of(None, list_categories()), submitted_rows(request.form)
    if "add_variant" in request.form:
        return _new(form, [*rows, empty_row()])
    fields = _fields(form, rows)
    refusal = None
    if fields is not None:
        try:
            if not rows and form.track_stock.data:
                fields["stock_quantity"] = form.stock_quantity.data or 0
            product = create_product(fields, signed_in().member.actor)
            return redirect_with_message(url_for("staff.product_show", product_id=product.id), _("Product added"))
        except ShopError as refused:
            refusal = _show_refusal(form, rows, refused)
    return _new(form, rows, status=422, refusal=refusal)


@blueprint.get(f"/products/{ID}")
def product_show(product_id: int) -> Response:
    """Show a product."""
    return show_product(get_product(product_id))


@blueprint.post(f"/products/{ID}")
@requires("products.write")
def product_save(product_id: int) -> AnyResponse:
    """Save the fields and variants of a product."""
    product = get_product(product_id)
    form, rows = ProductForm.of(product, list_categories()), submitted_rows(request.form)
    if "add_variant" in request.form:
        return show_product(product, form=form, rows=[*rows, empty_row()], seen=request.form.get("seen"))
    is_valid = _fields(form, rows) is not None
    is_stale = is_valid and _is_stale(form, rows, product)
    fields = None if is_stale else _fields(form, rows)
    refusal = None
    if fields is not None:
        try:
            update_product(product_id, fields, signed_in().member.actor)
            return redirect_with_message(url_for("staff.product_show", product_id=product_id), _("Product saved"))
        except ShopError as refused:
            refusal = _show_refusal(form, rows, refused)
    seen = None if is_stale else request.form.get("seen")
    return show_product(get_product(product_id), form=form, rows=rows, status=422, refusal=refusal, seen=seen)


def _is_stale(form: ProductForm, rows: list[VariantRow], product: Any) -> bool:
    stale = merge_changes(form, ProductForm.stored(product))
    return merge_rows(rows, rows_of(product.variants)) or stale


def _seen(product: Any) -> str:
    return write_seen(read_form(ProductForm.stored(product)) | variant_texts(rows_of(product.variants)))


def _fields(form: ProductForm, rows: list[VariantRow]) -> dict[str, Any] | None:
    """Return the fields of the form and its variant rows; None if something is invalid."""
    is_valid, variants = form.validate(), [row.fields() for row in rows]
    if not is_valid or any(row.errors for row in rows):
        return None
    fields = form.given
    fields["variants"] = variants
    if rows:
        del fields["track_stock"]
    return fields


def _show_refusal(form: ProductForm, rows: list[VariantRow], refused: ShopError) -> str | None:
    """Show an error at its field; return it if it has none."""
    name = FIELDS.get(refused.code)
    if name is not None and not (rows and name in ("sku", "barcode")):
        form[name].errors = [translate(refused.message)]
        return None
    return None if put_errors(form, refused) else translate(refused.message)


def _new(form: ProductForm, rows: list[VariantRow], *, status: int = 200, refusal: str | None = None) -> Response:
    return render_page_or_fragment(
        "staff/products/new.html",
        "staff/products/_form.html",
        status=status,
        form=form,
        rows=rows,
        refusal=refusal,
        product=None,
    )


def _branch_rows(product: Any) -> list[tuple[str, list[int]]]:
    """Return the pieces of each variant, or of the product, in each branch; nothing if there is one branch."""
    branches = list_branches()
    if len(branches) < 2:
        return []
    pieces = stock_in_branches([product.id])
    articles = [(one.id, one.name) for one in product.variants] or [(None, product.name)]
    return [(name, [pieces.get((product.id, one, branch.id), 0) for branch in branches]) for one, name in articles]


def show_product(product: Any, *, status: int = 200, **more: Any) -> Response:
    """Return the page of a product; ``more`` has forms with errors."""
    context: dict[str, Any] = {
        "form": more.pop("form", None) or ProductForm.of(product, list_categories()),
        "rows": more.pop("rows", None) or rows_of(product.variants),
        "seen": more.pop("seen", None) or _seen(product),
        "stock_form": (more.pop("stock_form", None) or StockForm()).offer(product),
        "transfer_form": (more.pop("transfer_form", None) or TransferForm(prefix="move-")).offer(product),
        "picture_form": more.pop("picture_form", None) or PictureForm(),
        "movements": list_movements(product.id),
        "branch_rows": _branch_rows(product),
        "movement_names": MOVEMENT_NAMES,
        "movement_badges": MOVEMENT_BADGES,
        "statuses": STATUS_NAMES,
        "stock": stock_of(product),
        "level": level_of(product),
    }
    return render_page_or_fragment(
        "staff/products/show.html", "staff/products/_product.html", status=status, product=product, **context, **more
    )

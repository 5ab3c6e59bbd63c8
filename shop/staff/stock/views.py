"""Stock by branch, the log of stock movements, and the branches."""

from typing import Any, NamedTuple

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms.validators import DataRequired

from shop.domain.statuses import MovementKind
from shop.queries.catalogue.list import ProductFilters, list_products
from shop.queries.catalogue.movements import MovementFilters, search_movements, stock_in_branches
from shop.services.catalogue.adjustments import list_branches
from shop.services.catalogue.branches import get_branch, save_branch
from shop.services.catalogue.products.records import get_product
from shop.services.errors import ShopError
from shop.staff import blueprint
from shop.staff.list_filters import FilterReader, read_place
from shop.staff.permissions import requires
from shop.staff.products.presenter import MOVEMENT_BADGES, MOVEMENT_NAMES, stock_level
from shop.staff.session import signed_in
from shop.web.i18n import translate
from shop.web.pages.forms import put_errors, text_field
from shop.web.pages.htmx import redirect_with_message
from shop.web.pages.view_options import reads_replica

STOCK_VIEWS = (
    ("", lazy_gettext("All")),
    ("low", lazy_gettext("Low stock")),
    ("out", lazy_gettext("Out of stock")),
)
BRANCH = "/branches/<id:branch_id>"


class StockRow(NamedTuple):
    """A product or variant: its pieces in all, None if not counted, and in each branch; ``level`` warns."""

    product: Any
    variant: str
    total: int | None
    pieces: list[int]
    level: str


class BranchForm(FlaskForm):  # type: ignore[misc]
    """The name of a branch."""

    name = text_field(lazy_gettext("Name"), 100, DataRequired(lazy_gettext("Enter a name")))


@blueprint.get("/stock")
@reads_replica
def stock_list() -> str:
    """Stock by branch of the products that match."""
    reader = FilterReader(request.args)
    stock = reader.choice("stock", ("low", "out"))
    filters = ProductFilters(search=reader.search(), stock=stock, sort="name")
    found = list_products(filters, **read_place())
    branches = list_branches()
    return render_template(
        "staff/stock/index.html",
        found=found,
        rows=_rows(found.rows, branches),
        branches=branches,
        filters=filters,
        kept=reader.keep({"q": filters.search, "stock": stock}),
        views=STOCK_VIEWS,
    )


def _rows(products: list[Any], branches: Any) -> list[StockRow]:
    pieces = stock_in_branches([product.id for product in products])
    rows = []
    for product in products:
        for article in product.variants or [product]:
            variant_id = article.id if product.variants else None
            there = [pieces.get((product.id, variant_id, branch.id), 0) for branch in branches]
            name = article.name if product.variants else ""
            rows.append(
                StockRow(product, name, article.stock_quantity, there, stock_level([article], product.low_stock_at))
            )
    return rows


@blueprint.get("/stock/movements")
@reads_replica
def movement_list() -> str:
    """The log of stock movements: of all products or one, of all branches or one."""
    reader = FilterReader(request.args)
    filters = MovementFilters(
        reader.number("product"), reader.number("branch"), reader.choice("kind", tuple(MovementKind))
    )
    return render_template(
        "staff/stock/movements.html",
        found=search_movements(filters, **read_place()),
        filters=filters,
        kept=reader.keep({"product": filters.product_id, "branch": filters.branch_id, "kind": filters.kind}),
        product=get_product(filters.product_id) if filters.product_id is not None else None,
        branches=list_branches(),
        movement_names=MOVEMENT_NAMES,
        movement_badges=MOVEMENT_BADGES,
    )


@blueprint.get("/branches")
@requires("products.write")
def branch_list() -> Response:
    """The branches, and a form to add one."""
    return _branch_page(BranchForm(formdata=None))


@blueprint.post("/branches")
@requires("products.write")
def branch_add() -> AnyResponse:
    """Add a branch."""
    return _save(None, _("Branch added"))


@blueprint.get(BRANCH)
@requires("products.write")
def branch_edit(branch_id: int) -> Response:
    """The form of a branch, beside all branches."""
    branch = get_branch(branch_id)
    return _branch_page(BranchForm(formdata=None, obj=branch), branch)


@blueprint.post(BRANCH)
@requires("products.write")
def branch_save(branch_id: int) -> AnyResponse:
    """Rename a branch."""
    return _save(get_branch(branch_id), _("Branch saved"))


def _save(branch: Any, done: str) -> AnyResponse:
    form = BranchForm()
    if form.validate():
        try:
            save_branch(branch.id if branch else None, form.name.data, signed_in().member.actor)
            return redirect_with_message(url_for("staff.branch_list"), done)
        except ShopError as refused:
            if not put_errors(form, refused):
                form.name.errors = [translate(refused.message)]
    return _branch_page(form, branch, 422)


def _branch_page(form: BranchForm, branch: Any = None, status: int = 200) -> Response:
    page = render_template("staff/stock/branches.html", branches=list_branches(), form=form, branch=branch)
    return Response(page, status)

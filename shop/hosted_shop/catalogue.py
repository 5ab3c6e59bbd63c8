"""The product list of the hosted shop with its search, and the page of a product."""

from collections.abc import Sequence
from math import ceil
from typing import Annotated, Any, Literal

from flask import abort, url_for
from flask_babel import gettext as _
from pydantic import Field

from shop.hosted_shop import blueprint
from shop.hosted_shop.product_view import ProductView
from shop.hosted_shop.requests import render
from shop.hosted_shop.structured_data import product_data, shop_data
from shop.schemas.types import RequestModel, SearchText
from shop.services.catalogue.categories import list_categories
from shop.services.catalogue.listed import get_product_by_slug, list_products
from shop.web.json_api.requests import read_query

PER_PAGE = 24
SORTS = {"newest": "-newest", "price": "price", "-price": "-price", "name": "name"}


class CatalogueQuery(RequestModel):
    """Filters and sort order of the list."""

    search: SearchText = ""
    category: Annotated[str, Field(max_length=200)] = ""
    sort: Literal["newest", "price", "-price", "name"] = "newest"
    page: Annotated[int, Field(ge=1, le=100_000)] = 1


@blueprint.get("/")
def catalogue() -> str:
    """List the products for sale, 24 a page."""
    query = read_query(CatalogueQuery)
    found, total = list_products(
        page=query.page, limit=PER_PAGE, search=query.search, sort=query.sort, category=query.category
    )
    categories = list_categories()
    category = next((one for one in categories if one.slug == query.category), None)
    if query.category and category is None:
        abort(404)
    pages = max(1, ceil(total / PER_PAGE))
    if query.page > pages:
        abort(404)
    sorts = {
        "newest": _("Newest"),
        "price": _("Price, low to high"),
        "-price": _("Price, high to low"),
        "name": _("Name"),
    }
    return render(
        "catalogue.html",
        products=[ProductView.of(product) for product in found],
        query=query,
        category=category,
        categories=_choices(categories, category),
        total=total,
        pages=pages,
        sorts=sorts,
        canonical=url_for(
            "hosted_shop.catalogue",
            _external=True,
            category=query.category or None,
            page=query.page if query.page > 1 else None,
        ),
        indexed=not query.search and query.sort == "newest",
        structured_data=shop_data(),
    )


def _choices(categories: Sequence[Any], chosen: Any) -> list[Any]:
    """Return the subcategories of the selected category, or its siblings if it has none; without one, the top level."""
    below = [one for one in categories if one.parent_id == (chosen.id if chosen else None)]
    if below or chosen is None:
        return below
    return [one for one in categories if one.parent_id == chosen.parent_id]


@blueprint.get("/products/<string:slug>")
def product_show(slug: str) -> str:
    """Show a product with its variants."""
    product = ProductView.of(get_product_by_slug(slug))
    address = url_for("hosted_shop.product_show", slug=slug, _external=True)
    return render(
        "product.html",
        product=product,
        canonical=address,
        structured_data=product_data(product, address),
    )

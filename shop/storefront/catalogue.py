"""Products and settings (``docs/contract/api.md``, section 6)."""

from shop.schemas.catalogue.categories import CategoriesData, CategoriesResponse, CategoryOut
from shop.schemas.catalogue.products import (
    ProductData,
    ProductIdsQuery,
    ProductListData,
    ProductListQuery,
    ProductListResponse,
    ProductOut,
    ProductResponse,
    ProductsData,
    ProductsResponse,
)
from shop.schemas.shoppers.storefront import SettingsData, SettingsResponse
from shop.services.catalogue.categories import list_categories
from shop.services.catalogue.listed import find_products, get_product_by_slug, list_products
from shop.services.shops.settings import get_settings
from shop.storefront import blueprint
from shop.web.json_api.endpoint import endpoint


@blueprint.get("/products")
@endpoint(ProductListResponse, tag="Products", query=ProductListQuery)
def storefront_product_list(query: ProductListQuery) -> ProductListResponse:
    """List products

    What is sold now: hidden and archived products are left out.
    """
    found, total = list_products(
        page=query.page, limit=query.limit, search=query.search, sort=query.sort, category=query.category
    )
    products = [ProductOut.of(product) for product in found]
    return ProductListResponse(data=ProductListData(products=products, total=total, page=query.page, limit=query.limit))


@blueprint.get("/products/by-ids")
@endpoint(ProductsResponse, tag="Products", query=ProductIdsQuery, etag=True)
def storefront_product_by_ids(query: ProductIdsQuery) -> ProductsResponse:
    """Get products by id

    In the order of the ids; unknown ids are left out.
    """
    products = [ProductOut.of(product) for product in find_products(query.numbers())]
    return ProductsResponse(data=ProductsData(products=products))


@blueprint.get("/products/<string:slug>")
@endpoint(ProductResponse, tag="Products", errors=[404])
def storefront_product_show(slug: str) -> ProductResponse:
    """Get a product by its slug

    With its variants. 404 for a product that is not sold.
    """
    return ProductResponse(data=ProductData(product=ProductOut.of(get_product_by_slug(slug))))


@blueprint.get("/categories")
@endpoint(CategoriesResponse, tag="Products", etag=True)
def storefront_category_list() -> CategoriesResponse:
    """List the categories of products

    As a flat list; `parent_id` gives the tree.
    """
    return CategoriesResponse(data=CategoriesData(categories=[CategoryOut.of(one) for one in list_categories()]))


@blueprint.get("/settings")
@endpoint(SettingsResponse, tag="Products", etag=True)
def storefront_settings_show() -> SettingsResponse:
    """Get the shop's public settings

    Settings that a storefront needs, such as name and currency.
    """
    return SettingsResponse(data=SettingsData(settings=get_settings().public))

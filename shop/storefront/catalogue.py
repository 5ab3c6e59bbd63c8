"""Products and settings by the storefront door (``docs/contract/api.md``, section 6)."""

from shop.schemas.products import (
    ProductAnswer,
    ProductData,
    ProductIdsQuery,
    ProductListAnswer,
    ProductListData,
    ProductListQuery,
    ProductOut,
    ProductsAnswer,
    ProductsData,
)
from shop.schemas.storefront import SettingsAnswer, SettingsData
from shop.services.catalogue.products import find_products, get_product_by_slug, list_products
from shop.services.shops.settings import get_settings
from shop.storefront import blueprint
from shop.web.endpoint import endpoint


@blueprint.get("/products")
@endpoint(ProductListAnswer, tag="Products", query=ProductListQuery)
def storefront_product_list(query: ProductListQuery) -> ProductListAnswer:
    """List products"""
    found, total = list_products(page=query.page, limit=query.limit, search=query.search, sort=query.sort)
    products = [ProductOut.of(product) for product in found]
    return ProductListAnswer(data=ProductListData(products=products, total=total, page=query.page, limit=query.limit))


@blueprint.get("/products/by-ids")
@endpoint(ProductsAnswer, tag="Products", query=ProductIdsQuery)
def storefront_product_by_ids(query: ProductIdsQuery) -> ProductsAnswer:
    """Get some products

    In the order asked for; unknown ids are left out.
    """
    products = [ProductOut.of(product) for product in find_products(query.numbers())]
    return ProductsAnswer(data=ProductsData(products=products))


@blueprint.get("/products/<string:slug>")
@endpoint(ProductAnswer, tag="Products", errors=[404])
def storefront_product_show(slug: str) -> ProductAnswer:
    """Get a product by its slug"""
    return ProductAnswer(data=ProductData(product=ProductOut.of(get_product_by_slug(slug))))


@blueprint.get("/settings")
@endpoint(SettingsAnswer, tag="Products")
def storefront_settings_show() -> SettingsAnswer:
    """Get the shop's public settings"""
    return SettingsAnswer(data=SettingsData(settings=get_settings().public))

"""Products (``docs/contract/api.md``, section 10)."""

from flask_babel import gettext

from shop.api import blueprint
from shop.api.auth import current_actor
from shop.queries.catalogue.list import ProductFilters, search_products
from shop.queries.listing.times import time_from, time_until
from shop.schemas.catalogue.product_records import (
    BranchesData,
    BranchesResponse,
    BranchOut,
    ImageData,
    ImageOut,
    ImageResponse,
    ImagesData,
    ImagesResponse,
    MovementOut,
    ProductDetail,
    ProductDetailResponse,
    ProductDetailsData,
    ProductDetailsResponse,
    StockData,
    StockResponse,
    TransferData,
    TransferResponse,
)
from shop.schemas.catalogue.product_requests import (
    ImageForm,
    ImageOrder,
    NewProduct,
    ProductChange,
    ProductQuery,
    ProductUpsert,
    StockAdjustment,
    StockTransfer,
)
from shop.schemas.envelope import Message
from shop.services.catalogue.adjustments import adjust_stock, list_branches, transfer_stock
from shop.services.catalogue.products.images import add_image, delete_image, order_images
from shop.services.catalogue.products.records import create_product, delete_product, get_product, update_product
from shop.services.catalogue.products.upsert import save_by_external_id
from shop.web.json_api.endpoint import endpoint

ID = "<id:product_id>"
TAG = "Catalogue"


@blueprint.get("/products")
@endpoint(ProductDetailsResponse, tag=TAG, query=ProductQuery, access="api_key", reads_replica=True)
def product_list(query: ProductQuery) -> ProductDetailsResponse:
    """List products

    Newest first unless sorted; of every status. The total of a filtered list is exact up to 10,000.
    """
    filters = ProductFilters(
        search=query.search,
        status=query.status,
        category_id=query.category_id,
        external_id=query.external_id,
        created_from=time_from(query.since),
        created_until=time_until(query.until),
        updated_since=time_from(query.updated_since),
        sort=query.sort.removesuffix("_at"),
    )
    found, total = search_products(filters, page=query.page, limit=query.limit)
    products = [ProductDetail.of(product) for product in found]
    return ProductDetailsResponse(
        data=ProductDetailsData(products=products, total=total, page=query.page, limit=query.limit)
    )


@blueprint.get(f"/products/{ID}")
@endpoint(ProductDetailResponse, tag=TAG, errors=[404], access="api_key")
def product_show(product_id: int) -> ProductDetailResponse:
    """Get a product

    With variants, pictures, categories and stock.
    """
    return ProductDetailResponse.of(get_product(product_id))


@blueprint.put("/products")
@endpoint(ProductDetailResponse, tag=TAG, body=ProductUpsert, errors=[409], access="api_key")
def product_upsert(body: ProductUpsert) -> ProductDetailResponse:
    """Add or change the product with an external id

    A product with the `external_id` is changed as by `PATCH`. If there is none, a product with the `sku` and without
    an `external_id` gets it; else a product is added, which needs a name and a price.
    """
    return ProductDetailResponse.of(save_by_external_id(body.external_id, body.given, current_actor()))


@blueprint.post("/products")
@endpoint(ProductDetailResponse, tag=TAG, body=NewProduct, status=201, errors=[409], access="api_key", idempotent=True)
def product_create(body: NewProduct) -> ProductDetailResponse:
    """Add a product

    With its variants, tags and categories. 409 if its SKU, barcode, slug or external id is another's in the shop.
    """
    return ProductDetailResponse.of(create_product(body.given, current_actor()))


@blueprint.put(f"/products/{ID}")
@endpoint(ProductDetailResponse, tag=TAG, body=NewProduct, errors=[404, 409], access="api_key", idempotent=True)
def product_set(product_id: int, body: NewProduct) -> ProductDetailResponse:
    """Change a product

    As PATCH, with `name` and `price` required.
    """
    return ProductDetailResponse.of(update_product(product_id, body.given, current_actor()))


@blueprint.patch(f"/products/{ID}")
@endpoint(ProductDetailResponse, tag=TAG, body=ProductChange, errors=[404, 409], access="api_key", idempotent=True)
def product_change(product_id: int, body: ProductChange) -> ProductDetailResponse:
    """Change some fields of a product

    Fields that are not given stay. `variants` is the whole list: a variant is kept by its `id`, and one that is left
    out is removed. A changed `stock_quantity` is recorded as an adjustment.
    """
    return ProductDetailResponse.of(update_product(product_id, body.given, current_actor()))


@blueprint.delete(f"/products/{ID}")
@endpoint(Message, tag=TAG, errors=[404], access="api_key")
def product_delete(product_id: int) -> Message:
    """Delete a product

    One that was sold is archived instead.
    """
    deleted = delete_product(product_id, current_actor())
    return Message(message=gettext("Product deleted") if deleted else gettext("Product archived"))


@blueprint.post(f"/products/{ID}/stock")
@endpoint(StockResponse, tag=TAG, body=StockAdjustment, errors=[404], access="api_key", idempotent=True)
def product_stock_adjust(product_id: int, body: StockAdjustment) -> StockResponse:
    """Change the stock of a product or variant

    400 `stock_below_zero` if there is less.
    """
    movement = adjust_stock(
        product_id,
        body.change,
        body.reason,
        current_actor(),
        variant_id=body.variant_id,
        branch_id=body.branch_id,
    )
    return StockResponse(data=StockData(stock_quantity=movement.quantity_after, movement=MovementOut.of(movement)))


@blueprint.post(f"/products/{ID}/stock/transfer")
@endpoint(TransferResponse, tag=TAG, body=StockTransfer, errors=[404], access="api_key", idempotent=True)
def product_stock_transfer(product_id: int, body: StockTransfer) -> TransferResponse:
    """Move stock from one branch to another

    400 `stock_below_zero` if the branch has less.
    """
    branches = body.from_branch_id, body.to_branch_id
    article = product_id, body.variant_id
    movements = transfer_stock(article, branches, body.quantity, body.reason, current_actor())
    made = [MovementOut.of(movement) for movement in movements]
    return TransferResponse(data=TransferData(stock_quantity=movements[-1].quantity_after, movements=made))


@blueprint.get("/branches")
@endpoint(BranchesResponse, tag=TAG, access="api_key", etag=True)
def branch_list() -> BranchesResponse:
    """List the branches

    The default one first.
    """
    branches = [BranchOut(id=one.id, name=one.name, is_default=one.is_default) for one in list_branches()]
    return BranchesResponse(data=BranchesData(branches=branches))


@blueprint.post(f"/products/{ID}/images")
@endpoint(
    ImageResponse, tag=TAG, form=ImageForm, file="image", status=201, errors=[404], access="api_key", idempotent=True
)
def product_image_create(product_id: int, form: ImageForm, file: bytes | None) -> ImageResponse:
    """Add a picture to a product

    A JPEG, PNG or WebP of up to 5 MB and 40 million pixels. It is stored without metadata, in several widths.
    """
    return ImageResponse(data=ImageData(image=ImageOut.of(add_image(product_id, file, form.alt, current_actor()))))


@blueprint.put(f"/products/{ID}/images/order")
@endpoint(ImagesResponse, tag=TAG, body=ImageOrder, errors=[404], access="api_key", idempotent=True)
def product_image_order(product_id: int, body: ImageOrder) -> ImagesResponse:
    """Set the order of a product's pictures

    The body has the ids of all its pictures in the new order; the first is the main picture.
    """
    images = order_images(product_id, body.image_ids, current_actor())
    return ImagesResponse(data=ImagesData(images=[ImageOut.of(image) for image in images]))


@blueprint.delete(f"/products/{ID}/images/<id:image_id>")
@endpoint(Message, tag=TAG, errors=[404], access="api_key")
def product_image_delete(product_id: int, image_id: int) -> Message:
    """Delete a picture of a product

    The others keep their order.
    """
    delete_image(product_id, image_id, current_actor())
    return Message(message=gettext("Picture deleted"))

"""The till (``docs/contract/api.md``, section 10)."""

from shop.api import blueprint
from shop.api.auth import current_actor
from shop.schemas.orders.till import (
    FailedTillSale,
    NewTillSale,
    NewTillSales,
    TillBatchData,
    TillBatchResponse,
    TillSaleData,
    TillSaleResponse,
)
from shop.services.errors import ShopError
from shop.services.till.sales import record_sale, record_sale_in_savepoint
from shop.web.error_handlers import problem_of
from shop.web.json_api.endpoint import endpoint
from shop.web.json_api.requests import read_part

TAG = "Till"


@blueprint.post("/till/sales")
@endpoint(
    TillSaleResponse,
    tag=TAG,
    body=NewTillSale,
    status=201,
    other_success=200,
    errors=[404, 409],
    access="api_key",
    idempotent=True,
)
def till_sale_create(body: NewTillSale) -> tuple[TillSaleResponse, int]:
    """Record a sale at the till

    The sale becomes a paid, completed order that earns its points at once. The same `id` again answers 200 with the
    sale as it was recorded, 409 `sale_differs` if its amount, method or reference is another. 409 `reference_used` if
    another sale or payment has the reference. A phone that no customer has proved makes a new customer.
    """
    recorded = record_sale(body.sale(), current_actor())
    return TillSaleResponse(data=TillSaleData.of(recorded)), 201 if recorded.is_new else 200


@blueprint.post("/till/sales/batch")
@endpoint(TillBatchResponse, tag=TAG, body=NewTillSales, status=207, access="api_key", idempotent=True)
def till_sale_batch(body: NewTillSales) -> TillBatchResponse:
    """Record a till's queue of up to 500 sales

    Each sale is accepted or rejected on its own; `failed` lists the rejected ones by their index, from 0. Sent twice,
    each sale still counts once.
    """
    recorded, failed = [], []
    for index, raw in enumerate(body.sales):
        try:
            recorded.append(
                TillSaleData.of(record_sale_in_savepoint(read_part(NewTillSale, raw).sale(), current_actor()))
            )
        except ShopError as error:
            failed.append(FailedTillSale(index=index, error=problem_of(error)))
    data = TillBatchData(recorded_count=len(recorded), failed_count=len(failed), recorded=recorded, failed=failed)
    return TillBatchResponse(data=data)

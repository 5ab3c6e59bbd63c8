"""The till (``docs/contract/api.md``, section 10)."""

from dataclasses import replace

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
from shop.services.till.devices import Device
from shop.services.till.sales import Sale, record_sale, record_sale_in_savepoint
from shop.web.error_handlers import problem_of
from shop.web.json_api.endpoint import endpoint
from shop.web.json_api.requests import read_part
from shop.web.till_device import current_device

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
    recorded = record_sale(_placed(body.sale(), _device()), current_actor())
    return TillSaleResponse(data=TillSaleData.of(recorded)), 201 if recorded.is_new else 200


@blueprint.post("/till/sales/batch")
@endpoint(TillBatchResponse, tag=TAG, body=NewTillSales, status=207, access="api_key", idempotent=True)
def till_sale_batch(body: NewTillSales) -> TillBatchResponse:
    """Record a till's queue of up to 500 sales

    Each sale is accepted or rejected on its own; `failed` lists the rejected ones by their index, from 0. Sent twice,
    each sale still counts once.
    """
    recorded, failed, device = [], [], _device()
    for index, raw in enumerate(body.sales):
        try:
            sale = _placed(read_part(NewTillSale, raw, f"sales[{index}].").sale(), device)
            recorded.append(TillSaleData.of(record_sale_in_savepoint(sale, current_actor())))
        except ShopError as error:
            failed.append(FailedTillSale(index=index, error=problem_of(error)))
    data = TillBatchData(recorded_count=len(recorded), failed_count=len(failed), recorded=recorded, failed=failed)
    return TillBatchResponse(data=data)


def _device() -> Device | None:
    """Return the registered till of a staff session. Raise NotAllowed for one that may not be used."""
    return current_device() if current_actor().kind == "staff" else None


def _placed(sale: Sale, device: Device | None) -> Sale:
    """Return a sale with the name and branch of a registered till, unless it names its own."""
    if device is None:
        return sale
    return replace(sale, device=sale.device or device.name, branch_id=sale.branch_id or device.branch_id)

"""Delivery methods (``docs/contract/api.md``, section 10)."""

from dataclasses import replace

from flask_babel import gettext

from shop.api import blueprint
from shop.api.auth import current_actor
from shop.schemas.catalogue.shipping import (
    NewShippingMethod,
    ShippingMethodChange,
    ShippingMethodItemResponse,
    ShippingMethodListData,
    ShippingMethodListResponse,
    ShippingMethodRow,
)
from shop.schemas.envelope import Message
from shop.services.shipping.records import delete_method, get_method, list_methods, save_method, values_of_method
from shop.services.shipping.values import MethodValues
from shop.web.json_api.endpoint import endpoint

TAG = "Delivery"
ID = "<id:shipping_method_id>"


@blueprint.get("/shipping-methods")
@endpoint(ShippingMethodListResponse, tag=TAG, access="api_key", reads_replica=True, etag=True)
def shipping_method_list() -> ShippingMethodListResponse:
    """List delivery methods

    In their order, those that are not offered too.
    """
    rows = [ShippingMethodRow.of(method) for method in list_methods()]
    return ShippingMethodListResponse(data=ShippingMethodListData(shipping_methods=rows))


@blueprint.post("/shipping-methods")
@endpoint(
    ShippingMethodItemResponse,
    tag=TAG,
    body=NewShippingMethod,
    status=201,
    errors=[404],
    access="api_key",
    idempotent=True,
)
def shipping_method_create(body: NewShippingMethod) -> ShippingMethodItemResponse:
    """Add a delivery method

    Of the zones that an address is in, the methods of the first are offered; methods without a zone are offered in
    their own countries and regions.
    """
    values = MethodValues(**body.columns())
    return ShippingMethodItemResponse.of(save_method(None, values, current_actor(), position=body.position))


@blueprint.put(f"/shipping-methods/{ID}")
@endpoint(ShippingMethodItemResponse, tag=TAG, body=ShippingMethodChange, errors=[404], access="api_key")
def shipping_method_change(shipping_method_id: int, body: ShippingMethodChange) -> ShippingMethodItemResponse:
    """Change a delivery method

    Fields that are not given stay as they are.
    """
    values = replace(values_of_method(get_method(shipping_method_id)), **body.columns())
    saved = save_method(shipping_method_id, values, current_actor(), position=body.position)
    return ShippingMethodItemResponse.of(saved)


@blueprint.delete(f"/shipping-methods/{ID}")
@endpoint(Message, tag=TAG, errors=[404], access="api_key")
def shipping_method_delete(shipping_method_id: int) -> Message:
    """Delete a delivery method

    Orders keep its name.
    """
    delete_method(shipping_method_id, current_actor())
    return Message(message=gettext("Delivery method deleted"))

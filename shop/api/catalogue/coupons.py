"""Coupons (``docs/contract/api.md``, section 7)."""

from dataclasses import replace

from flask_babel import gettext

from shop.api import blueprint
from shop.api.auth import current_actor
from shop.domain.pricing.coupons import CouponType
from shop.queries.coupons.list import CouponFilters, count_by_state, list_coupons
from shop.queries.coupons.usage import coupon_stats, list_uses
from shop.queries.listing.times import time_from, time_until
from shop.schemas.catalogue.coupons import (
    CouponChange,
    CouponItemResponse,
    CouponListData,
    CouponListQuery,
    CouponListResponse,
    CouponOut,
    CouponResponse,
    CouponStatsResponse,
    CouponTry,
    CouponUsageResponse,
    NewCoupon,
)
from shop.schemas.envelope import Message
from shop.schemas.types import PageQuery
from shop.services.catalogue.coupons import try_terms
from shop.services.coupons.records import (
    create_coupon,
    delete_coupon,
    get_coupon,
    terms_of,
    update_coupon,
    values_of,
)
from shop.services.coupons.values import CouponValues, rescale_value
from shop.services.shops.settings import get_settings
from shop.web.json_api.endpoint import endpoint

TAG = "Coupons"
ID = "<id:coupon_id>"


@blueprint.get("/marketing/coupons")
@endpoint(CouponListResponse, tag=TAG, query=CouponListQuery, access="api_key", reads_replica=True)
def coupon_list(query: CouponListQuery) -> CouponListResponse:
    """List coupons

    Newest first unless sorted.
    """
    filters = CouponFilters(
        query.search,
        query.state or "",
        query.sort,
        created_from=time_from(query.since),
        created_until=time_until(query.until),
        updated_since=time_from(query.updated_since),
    )
    found = list_coupons(filters, page=query.page, limit=query.limit)
    coupons = [CouponOut.of(coupon) for coupon in found.coupons]
    return CouponListResponse(
        data=CouponListData(coupons=coupons, total=found.total, page=query.page, limit=query.limit)
    )


@blueprint.post("/marketing/coupons")
@endpoint(CouponItemResponse, tag=TAG, body=NewCoupon, status=201, errors=[409], access="api_key", idempotent=True)
def coupon_create(body: NewCoupon) -> CouponItemResponse:
    """Add a coupon

    Codes are stored in upper case; 409 `coupon_exists` for a code in use. A use is counted when an order is placed with
    the code, and returned when the order is cancelled. Limits hold however many orders are placed at once.
    """
    values = CouponValues(**body.columns(_timezone()))
    values = rescale_value(values, CouponType.FIXED)
    return CouponItemResponse.of(create_coupon(values, current_actor()))


@blueprint.get(f"/marketing/coupons/{ID}")
@endpoint(CouponItemResponse, tag=TAG, errors=[404], access="api_key")
def coupon_show(coupon_id: int) -> CouponItemResponse:
    """Get a coupon

    With how often it was used.
    """
    return CouponItemResponse.of(get_coupon(coupon_id))


@blueprint.put(f"/marketing/coupons/{ID}")
@endpoint(CouponItemResponse, tag=TAG, body=CouponChange, errors=[404, 409], access="api_key")
def coupon_change(coupon_id: int, body: CouponChange) -> CouponItemResponse:
    """Change a coupon

    `status` `inactive` ends it now, `active` opens it again.
    """
    kept, given = values_of(get_coupon(coupon_id)), body.columns(_timezone())
    values = rescale_value(replace(kept, **given), CouponType.FIXED if "value" in given else kept.type)
    return CouponItemResponse.of(update_coupon(coupon_id, values, current_actor()))


@blueprint.delete(f"/marketing/coupons/{ID}")
@endpoint(Message, tag=TAG, errors=[404], access="api_key")
def coupon_delete(coupon_id: int) -> Message:
    """Delete a coupon

    A coupon that orders have used is ended instead, and stays in the list.
    """
    deleted = delete_coupon(coupon_id, current_actor())
    return Message(message=gettext("Coupon deleted") if deleted else gettext("Coupon ended"))


@blueprint.get(f"/marketing/coupons/{ID}/usage")
@endpoint(CouponUsageResponse, tag=TAG, query=PageQuery, errors=[404], access="api_key", reads_replica=True)
def coupon_usage_list(coupon_id: int, query: PageQuery) -> CouponUsageResponse:
    """List the orders that used a coupon

    Newest first. Orders that gave the use back are left out.
    """
    uses, total = list_uses(coupon_id, page=query.page, limit=query.limit)
    return CouponUsageResponse.of(uses, total, query)


@blueprint.post(f"/marketing/coupons/{ID}/validate")
@endpoint(CouponResponse, tag=TAG, body=CouponTry, errors=[404], access="api_key")
def coupon_validate(coupon_id: int, body: CouponTry) -> CouponResponse:
    """Check a coupon against an amount

    `cart_total` is the goods that the coupon is for. 400 with the code of the rule if it is not valid.
    """
    return CouponResponse.of(try_terms(terms_of(get_coupon(coupon_id)), body.cart_total), body.cart_total)


@blueprint.get("/marketing/coupons/stats")
@endpoint(CouponStatsResponse, tag=TAG, access="api_key", reads_replica=True)
def coupon_stats_show() -> CouponStatsResponse:
    """Get statistics of all coupons

    Coupons by state, their uses, and what they took off.
    """
    return CouponStatsResponse.of(coupon_stats(count_by_state()))


def _timezone() -> str:
    return get_settings().values["shop_timezone"]

"""A customer's own points, which the widget shows after a code was verified.

The redemption token is sent in the ``Authorization`` header, without a cookie. Reading does not use it up.
"""

from flask import request

from shop.domain.codes import hash_secret
from shop.queries.loyalty.self_service import BadToken, get_own_points, list_own_entries
from shop.schemas.loyalty.own_points import OwnHistoryQuery, OwnHistoryResponse, OwnPointsResponse
from shop.services.rate_limits import OWN_POINTS_PER_TOKEN
from shop.storefront import blueprint
from shop.web.http.rate_limit import enforce_limit
from shop.web.json_api.endpoint import endpoint

TAG = "Storefront loyalty"


@blueprint.get("/loyalty/account")
@endpoint(OwnPointsResponse, tag=TAG, access="redemption_token")
def storefront_points_show() -> OwnPointsResponse:
    """Get the token holder's points

    With the `redemption_token` of verify-otp as `Authorization: Bearer …`. Reading does not use the token up.
    """
    return OwnPointsResponse.of(get_own_points(_token()))


@blueprint.get("/loyalty/account/entries")
@endpoint(OwnHistoryResponse, tag=TAG, query=OwnHistoryQuery, access="redemption_token")
def storefront_points_entries(query: OwnHistoryQuery) -> OwnHistoryResponse:
    """List the token holder's ledger entries

    Newest first. With the `redemption_token` of verify-otp as `Authorization: Bearer …`.
    """
    return OwnHistoryResponse.of(list_own_entries(_token(), limit=query.limit, before=query.before))


def _token() -> str:
    """Return the token of the header. Raise BadToken without one, TooOften past its limit."""
    sent = request.authorization
    if sent is None or sent.type != "bearer" or not sent.token:
        raise BadToken("Send the redemption token as Authorization: Bearer …", code="redemption_token_required")
    enforce_limit(OWN_POINTS_PER_TOKEN, "own-points", hash_secret(sent.token))
    return sent.token

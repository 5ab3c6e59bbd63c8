"""A shopper's own points by the storefront door: what the widget shows after a code was verified.

No cookie is involved: the redemption token comes in the ``Authorization`` header, and reading does not use it up.
"""

from flask import request

from shop.domain.codes import hash_secret
from shop.queries.loyalty.self_service import BadToken, get_own_points, list_own_entries
from shop.schemas.own_points import OwnHistoryAnswer, OwnHistoryQuery, OwnPointsAnswer
from shop.services.rate_limits import OWN_POINTS_PER_TOKEN
from shop.storefront import blueprint
from shop.web.endpoint import endpoint
from shop.web.rate_limit import enforce_limit

TAG = "Storefront loyalty"


@blueprint.get("/loyalty/account")
@endpoint(OwnPointsAnswer, tag=TAG, access="redemption_token")
def storefront_points_show() -> OwnPointsAnswer:
    """See one's own points

    With the `redemption_token` of verify-otp as `Authorization: Bearer …`. Reading does not use the token up.
    """
    return OwnPointsAnswer.of(get_own_points(_token()))


@blueprint.get("/loyalty/account/entries")
@endpoint(OwnHistoryAnswer, tag=TAG, query=OwnHistoryQuery, access="redemption_token")
def storefront_points_entries(query: OwnHistoryQuery) -> OwnHistoryAnswer:
    """List one's own movements of points

    Newest first. With the `redemption_token` of verify-otp as `Authorization: Bearer …`.
    """
    return OwnHistoryAnswer.of(list_own_entries(_token(), limit=query.limit, before=query.before))


def _token() -> str:
    """The token that came in the header, counted against its limit. Raises BadToken without one, TooOften."""
    sent = request.authorization
    if sent is None or sent.type != "bearer" or not sent.token:
        raise BadToken("Send the redemption token as Authorization: Bearer …", code="redemption_token_required")
    enforce_limit(OWN_POINTS_PER_TOKEN, "own-points", hash_secret(sent.token))
    return sent.token

"""Redeeming points (``docs/contract/api.md``, section 5)."""

from flask_babel import gettext

from shop.schemas.loyalty.rules import LoyaltyConfig
from shop.schemas.shoppers.storefront import (
    LoyaltyConfigData,
    LoyaltyConfigResponse,
    PreviewRequest,
    PreviewResponse,
    SendCode,
    SentData,
    SentResponse,
    TokenData,
    TokenResponse,
    VerifyCode,
)
from shop.services.errors import InvalidInput
from shop.services.loyalty.otp import SECONDS_BETWEEN_SENDS, send_code, verify_code
from shop.services.loyalty.redemption import preview_redemption
from shop.services.shops.settings import get_settings
from shop.storefront import blueprint
from shop.web.json_api.endpoint import endpoint
from shop.web.request_context import client_address, otp_config


@blueprint.get("/loyalty/config")
@endpoint(LoyaltyConfigResponse, tag="Storefront loyalty", etag=True)
def storefront_loyalty_config() -> LoyaltyConfigResponse:
    """Get the programme's public rules

    How points are earned, what they are worth, and the limits.
    """
    return LoyaltyConfigResponse(data=LoyaltyConfigData(config=LoyaltyConfig.of(get_settings().rules)))


@blueprint.post("/loyalty/preview")
@endpoint(PreviewResponse, tag="Storefront loyalty", body=PreviewRequest)
def storefront_loyalty_preview(body: PreviewRequest) -> PreviewResponse:
    """Preview redeeming points on a cart

    An unknown customer gets the same response as one without points.
    """
    preview = preview_redemption(
        [item.line() for item in body.items], email=body.email, phone=body.phone, coupon_code=body.coupon_code
    )
    return PreviewResponse.of(preview)


@blueprint.post("/loyalty/redemption/send-otp")
@endpoint(SentResponse, tag="Storefront loyalty", body=SendCode)
def storefront_code_send(body: SendCode) -> SentResponse:
    """Send a one-time code

    The response is the same whether or not the customer exists. Once a minute and five times an hour per customer.
    """
    send_code(email=body.email, phone=body.phone, address=client_address(), config=otp_config(), channel=body.channel)
    minutes = get_settings().rules.otp_ttl_minutes
    data = SentData(expires_in_minutes=minutes, resend_after_seconds=SECONDS_BETWEEN_SENDS)
    return SentResponse(message=gettext("If this customer exists, we have sent them a code."), data=data)


@blueprint.post("/loyalty/redemption/verify-otp")
@endpoint(TokenResponse, tag="Storefront loyalty", body=VerifyCode)
def storefront_code_verify(body: VerifyCode) -> TokenResponse:
    """Exchange a code for a redemption token

    The error is the same for a wrong, used, expired or unsent code. Five wrong attempts void a code.
    """
    verified = verify_code(body.code, email=body.email, phone=body.phone, address=client_address(), config=otp_config())
    if verified.token is None:
        raise InvalidInput("The code is wrong or no longer valid. Ask for a new one.", code="invalid_code")
    return TokenResponse(
        data=TokenData(redemption_token=verified.token, expires_in_minutes=verified.expires_in_minutes)
    )

"""Request and configuration values that several blueprints pass to services."""

from flask import current_app, request

from shop.services.loyalty.otp import OtpConfig


def client_address() -> str:
    """Return the client's network address; behind a trusted proxy, the address it forwards."""
    return request.remote_addr or "-"


def otp_config() -> OtpConfig:
    """Return the installation's key and limits for one-time codes."""
    config = current_app.config
    return OtpConfig(
        config["SECRET_KEY"],
        config["OTP_SENDS_PER_ADDRESS_HOUR"],
        config["OTP_VERIFIES_PER_ADDRESS_10_MINUTES"],
    )

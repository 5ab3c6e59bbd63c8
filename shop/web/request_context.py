"""Who calls a public door, and what this installation decides about one-time codes: for all doors alike."""

from flask import current_app, request

from shop.services.loyalty.otp import CodePolicy


def client_address() -> str:
    """The client's network address; behind a trusted proxy, the one it forwards."""
    return request.remote_addr or "-"


def code_policy() -> CodePolicy:
    """What this installation decides about one-time codes."""
    config = current_app.config
    return CodePolicy(
        config["SECRET_KEY"],
        config["OTP_SENDS_PER_ADDRESS_HOUR"],
        config["OTP_VERIFIES_PER_ADDRESS_10_MINUTES"],
    )

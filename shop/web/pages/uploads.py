"""Larger request bodies for signed-in members on pages that take files."""

from typing import Final

from flask import Flask, current_app, request
from flask_login import current_user

from shop.web.pages.view_options import options_of_endpoint

FORM_TEXT_BYTES: Final = 64 * 1024
"""Maximum size of a form without its file."""


def init_app(app: Flask) -> None:
    """Set each request's limit before its form is parsed."""
    app.before_request(_set_limit)


def _set_limit() -> None:
    setting = options_of_endpoint(request.endpoint).upload_setting
    if setting and current_user.is_authenticated:
        request.max_content_length = current_app.config[setting] + FORM_TEXT_BYTES

"""The CSRF token of a session, for callers without a page, and of a page's form."""

import re

from itsdangerous import URLSafeTimedSerializer

from tests.support.clients import ShopClient

SALT = "wtf-csrf-token"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
"""Finds the token in a form."""


def csrf_token(client: ShopClient) -> str:
    """Return a CSRF token for the client's session."""
    with client.session_transaction(base_url=f"http://{client.host}") as session:
        secret = session.setdefault("csrf_token", "a secret of the session")
    return str(URLSafeTimedSerializer(client.application.secret_key, salt=SALT).dumps(secret))

"""The CSRF token of a session, for callers that are no page."""

from itsdangerous import URLSafeTimedSerializer

from tests.support.clients import ShopClient

SALT = "wtf-csrf-token"


def csrf_token(client: ShopClient) -> str:
    """A token that a page of the client's session would carry."""
    with client.session_transaction(base_url=f"http://{client.host}") as session:
        secret = session.setdefault("csrf_token", "a secret of the session")
    return str(URLSafeTimedSerializer(client.application.secret_key, salt=SALT).dumps(secret))

"""A signed reference, in a checkout's URL, to the cart it was opened from; it gives no access to the cart."""

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select

from shop.db.session import db
from shop.models import ShopperSession
from shop.services.actors import Shopper
from shop.services.app_config import app_config


def sign_cart(shopper: Shopper) -> str:
    """Return the reference of a session's cart."""
    return str(_serializer().dumps(shopper.session_id))


def read_cart_reference(reference: str) -> int | None:
    """Return the id of the session of a reference; None if it is invalid or the session has ended."""
    try:
        session_id = _serializer().loads(reference)
    except BadSignature:
        return None
    return db.session.scalars(select(ShopperSession.id).where(ShopperSession.id == session_id)).first()


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(app_config()["SECRET_KEY"], salt="cart-reference")

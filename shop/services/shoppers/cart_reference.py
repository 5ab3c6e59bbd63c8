"""Which cart a checkout was opened from, as a signed reference in its address; it gives no access to the cart."""

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
    """Return the id of the session whose cart a reference names; None for one that is not ours or has ended."""
    try:
        session_id = _serializer().loads(reference)
    except BadSignature:
        return None
    return db.session.scalars(select(ShopperSession.id).where(ShopperSession.id == session_id)).first()


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(app_config()["SECRET_KEY"], salt="cart-reference")

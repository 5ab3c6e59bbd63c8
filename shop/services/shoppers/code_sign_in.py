"""Sign-in with a one-time code instead of a password."""

from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.codes import hash_secret
from shop.models import RedemptionToken
from shop.services.actors import Shopper
from shop.services.loyalty.otp import OtpConfig, verify_code
from shop.services.shoppers.carts import merge_cart
from shop.services.shoppers.sessions import begin_session


def sign_in_with_code(
    code: str,
    *,
    email: str | None,
    phone: str | None,
    shopper: Shopper | None,
    address: str,
    config: OtpConfig,
) -> str | None:
    """Sign a customer in with a code of ``send_code``; return the session's new token, None for a wrong code.

    The guest's cart is merged into the customer's. Raises as ``verify_code``.
    """
    verified = verify_code(code, email=email, phone=phone, address=address, config=config)
    if verified.token is None:
        return None
    with transaction():
        customer_id = _take_token(verified.token)
        merge_cart(shopper, customer_id)
        return begin_session(shopper, customer_id=customer_id)[1]


def _take_token(token: str) -> int:
    """Return the customer of a token just issued, and delete it, so that it cannot be used at checkout."""
    row = db.session.scalars(
        select(RedemptionToken).where(RedemptionToken.token_hash == hash_secret(token)).with_for_update()
    ).one()
    customer_id = row.customer_id
    assert customer_id is not None
    db.session.delete(row)
    return customer_id

"""Erasure on request, repeated after a restore."""

from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import in_shop
from shop.db.transaction import transaction
from shop.domain.customers.privacy import PrivacyRequestKind, PrivacyRequestState
from shop.models import Customer
from shop.services.actors import SYSTEM, Actor
from shop.services.customers.erasure.deletion import delete_customer
from shop.services.customers.erasure.erasure_list import Erasure, read_erasures, record_hash
from shop.services.errors import Conflict
from shop.services.privacy.requests import get_request
from shop.services.shops.shops import list_shops


def erase_for_request(request_id: int, actor: Actor) -> None:
    """Erase the customer of an open erasure request; all open requests of the customer are closed by it.

    Raise NotFound, Conflict if the request is closed, is of another kind, or names no customer.
    """
    with transaction():
        request = get_request(request_id)
        if request.state != PrivacyRequestState.OPEN or request.kind != PrivacyRequestKind.ERASURE:
            raise Conflict("Only an open erasure request can be answered by erasing.", code="privacy_request_closed")
        if request.customer_id is None:
            raise Conflict("This request names no customer of the shop.", code="privacy_request_without_customer")
        customer_id = request.customer_id
    delete_customer(customer_id, actor)


def repeat_erasures() -> int:
    """Erase everyone on the list of erasures who is in the database; return how many.

    For use after a restore. A different person with the same id is not erased.
    """
    shops = {shop.id for shop in list_shops()}
    return sum(_repeat(erasure) for erasure in read_erasures() if erasure.shop_id in shops)


def _repeat(erasure: Erasure) -> bool:
    with in_shop(erasure.shop_id):
        found = db.session.scalars(select(Customer).where(Customer.id == erasure.customer_id)).first()
        if found is None or record_hash(found) != erasure.record_hash:
            return False
        delete_customer(erasure.customer_id, SYSTEM, listed=True)
        return True

"""Messages to many customers, and whether a customer still consents."""

from typing import Any

from sqlalchemy import select

from shop.db.session import db
from shop.domain.customers.privacy import MARKETING
from shop.domain.text.cleaning import greeting_name
from shop.models import BulkAction, Customer
from shop.services.privacy.consents import has_consent


def find_customer_message(customer_id: int, bulk_id: int, channel: str) -> dict[str, Any] | None:
    """Return ``subject``, ``name`` and ``paragraphs``.

    None if the customer or the message is deleted, or the customer withdrew the consent to marketing by the channel.
    """
    customer = db.session.scalars(select(Customer).where(Customer.id == customer_id)).first()
    params = db.session.scalars(select(BulkAction.params).where(BulkAction.id == bulk_id)).first()
    if customer is None or params is None or not has_consent(customer_id, MARKETING[channel]):
        return None
    name = greeting_name(customer.first_name)
    return {"subject": params["subject"], "name": name, "paragraphs": params["body"].split("\n")}

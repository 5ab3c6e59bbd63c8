"""Add members at the till."""

from collections.abc import Mapping

from shop.db.transaction import transaction
from shop.domain.customers.privacy import ConsentKind, ConsentSource
from shop.models import Customer
from shop.services.actors import Actor
from shop.services.customers.records import create_customer
from shop.services.privacy.consents import ConsentStatement, record_consent


def add_member(
    phone: str,
    first_name: str,
    last_name: str,
    actor: Actor,
    *,
    consents: Mapping[ConsentKind, bool],
    text_version: str,
) -> Customer:
    """Add a customer by phone, which counts as verified, with their answers to the questions about consent.

    Raises InvalidInput for a phone that cannot be read, Conflict ``phone_taken``.
    """
    with transaction():
        customer = create_customer(phone=phone, first_name=first_name, last_name=last_name, actor=actor)
        for kind, given in consents.items():
            record_consent(customer.id, ConsentStatement(kind, given, ConsentSource.IN_PERSON, text_version), actor)
        return customer

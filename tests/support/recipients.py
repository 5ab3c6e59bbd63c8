"""Recipients of a message to many by SMS: each fifth has not agreed, each eleventh withdraws before it is sent."""

from collections.abc import Iterable, Sequence

from shop.db.transaction import transaction
from shop.domain.customers.privacy import ConsentKind, ConsentSource
from shop.models import Consent, Customer
from shop.services import clock


def add_recipients(numbers: Sequence[int]) -> list[int]:
    """Add customers with verified phones, in one transaction; return their ids."""
    now = clock.now()
    with transaction() as session:
        made = [
            Customer(
                phone=_phone(number),
                phone_verified_at=now,
                search_text=str(number),
                tags=[],
                created_at=now,
                updated_at=now,
            )
            for number in numbers
        ]
        session.add_all(made)
        session.flush()
        session.add_all(_consent(customer.id, number % 5 != 0) for number, customer in zip(numbers, made, strict=True))
        return [customer.id for customer in made]


def withdraw(customer_ids: Sequence[int]) -> None:
    """Between selecting and sending, each eleventh withdraws."""
    with transaction() as session:
        session.add_all(_consent(customer_id, given=False) for customer_id in customer_ids[::11])


def agreed_phones(numbers: Iterable[int]) -> set[str]:
    """Return the phones of those who agreed and did not withdraw."""
    return {_phone(number) for number in numbers if number % 5 and number % 11}


def _phone(number: int) -> str:
    return f"+2547{number:08d}"


def _consent(customer_id: int, given: bool) -> Consent:
    now = clock.now()
    return Consent(
        customer_id=customer_id,
        kind=ConsentKind.MARKETING_SMS,
        given=given,
        source=ConsentSource.IN_PERSON,
        text_version="spoken 1",
        recorded_by="Tests",
        stated_at=now,
        recorded_at=now,
    )

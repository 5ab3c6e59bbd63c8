"""Amounts of money in the precision of their currency."""

from collections.abc import Mapping

from shop.domain.money import currency_exponent, smallest_amount
from shop.services.errors import FieldError, InvalidInput


def check_amounts(currency: str, cents: Mapping[str, int | None]) -> None:
    """Raise InvalidInput ``amount_precision`` naming the fields whose amounts have more decimals than the currency."""
    unit = smallest_amount(currency)
    wrong = [field for field, amount in cents.items() if amount is not None and amount % unit]
    if not wrong:
        return
    places = currency_exponent(currency)
    if places:
        first = InvalidInput.of(
            wrong[0],
            "must have at most %(places)s decimals in %(currency)s",
            code="amount_precision",
            places=places,
            currency=currency,
        )
    else:
        first = InvalidInput.of(
            wrong[0], "must be a whole number of %(currency)s", code="amount_precision", currency=currency
        )
    raise InvalidInput(
        first.message, code=first.code, errors=[FieldError(field, first.errors[0].message) for field in wrong]
    )

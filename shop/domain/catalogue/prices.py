"""The price of a product at a moment."""

from datetime import datetime


def price_in_force(
    price_cents: int,
    sale_price_cents: int | None,
    starts_at: datetime | None,
    ends_at: datetime | None,
    moment: datetime,
) -> int:
    """Return the sale price if it applies at a moment, else the price.

    A sale price applies if it is set, positive, below the price, and the moment is not before ``starts_at`` and before
    ``ends_at`` (``docs/contract/api.md``, section 6).
    """
    if sale_price_cents is None or not 0 < sale_price_cents < price_cents:
        return price_cents
    return sale_price_cents if is_in_time(starts_at, ends_at, moment) else price_cents


def is_in_time(starts_at: datetime | None, ends_at: datetime | None, moment: datetime) -> bool:
    """Return whether a moment is not before the start and before the end; None is no limit."""
    return (starts_at is None or starts_at <= moment) and (ends_at is None or moment < ends_at)

"""Split an amount over parts so that the parts add up to it."""

from collections.abc import Sequence

from shop.domain.money import whole_units


def allocate(cents: int, weights: Sequence[int], unit_cents: int = 1) -> list[int]:
    """Return the share of each weight in an amount: multiples of ``unit_cents`` that add up to ``cents``.

    Shares are rounded down; what is left goes, a unit each, to the largest remainders, of equal ones to the first. No
    share is negative, and none is above its weight if the amount is not above their sum and all are whole units. An
    amount that is no multiple of the unit leaves the odd rest with the first part that gets something.
    """
    total = sum(weights)
    if total == 0 or cents == 0:
        return [0] * len(weights)
    shares = [whole_units(cents * weight // total, unit_cents) for weight in weights]
    remainders = [cents * weight - share * total for weight, share in zip(weights, shares, strict=True)]
    by_remainder = sorted(range(len(weights)), key=lambda place: (-remainders[place], place))
    left = cents - sum(shares)
    for place in by_remainder:
        part = min(left, unit_cents)
        shares[place] += part
        left -= part
    return shares

"""Taxes of an order by class, included in the prices or added to them.

Discounts are allocated to the goods in proportion to their prices (``allocation.py``), each coupon to its own goods,
before the tax is calculated. The tax of a class is calculated once, from the sum paid for it, and rounded half up to
the smallest amount of the currency. It is then allocated to the lines of the class by the largest remainder, so that
lines add up to the class, and classes to the order.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from shop.domain.money import half_up
from shop.domain.pricing.allocation import allocate

FULL: Final = 10_000
"""A rate of 100 per cent."""


class TaxPrices(StrEnum):
    """How the prices of a shop relate to tax."""

    OFF = "off"
    INCLUDED = "included"
    ADDED = "added"


class TaxClassTerms(NamedTuple):
    """A class such as KRA's band B. Rates are in hundredths of a per cent; ``next_rate`` replaces ``rate`` on a day."""

    code: str
    name: str
    rate: int
    next_rate: int | None = None
    next_rate_from: date | None = None

    def rate_on(self, day: date) -> int:
        """Return the rate of a day."""
        has_changed = self.next_rate_from is not None and day >= self.next_rate_from
        return self.rate if self.next_rate is None or not has_changed else self.next_rate


KRA_CLASSES: Final = (
    TaxClassTerms("A", "Exempt", 0),
    TaxClassTerms("B", "VAT 16%", 1600),
    TaxClassTerms("C", "Zero-rated", 0),
    TaxClassTerms("D", "Non-VAT", 0),
    TaxClassTerms("E", "VAT 8%", 800),
)
"""The tax types of KRA's eTIMS (A-Exempt, B-16.00%, C-0%, D-Non-VAT, E-8%).

Source: the code list "Tax Type" of the OSCU specification, https://github.com/paybillke/kra-etims-oscu-docs
(``docs/code-definition/tax-type.md``).
"""
KRA_DEFAULT: Final = "B"


class TaxRate(NamedTuple):
    """A class with its rate of a day."""

    code: str
    name: str
    rate: int


@dataclass(frozen=True, slots=True)
class TaxRules:
    """How the prices of a shop are taxed on a day: its classes by code, and the one for goods without a known class."""

    is_included: bool
    rates: Mapping[str, TaxRate]
    default: str

    def rate_of(self, code: str | None) -> TaxRate:
        """Return the rate of a class, the default one for a code that is unknown or empty."""
        return self.rates.get(code or "") or self.rates[self.default]


class TaxedPart(NamedTuple):
    """Goods or delivery of a class, and what is paid for them at the shop's prices, after discounts."""

    code: str
    cents: int


class TaxLine(NamedTuple):
    """The net amount of a class and its tax; ``is_included`` if the prices include it."""

    code: str
    name: str
    rate: int
    net_cents: int
    tax_cents: int
    is_included: bool


@dataclass(frozen=True, slots=True)
class Taxes:
    """The taxes of an order by class, and of each of its parts; ``added_cents`` come on top of the prices."""

    lines: Sequence[TaxLine] = ()
    parts: Sequence[tuple[str, int]] = ()
    """Class and tax of each part, in their order."""

    @property
    def added_cents(self) -> int:
        """The tax to pay on top of the prices."""
        return sum(line.tax_cents for line in self.lines if not line.is_included)


NO_TAXES: Final = Taxes()


def calculate_taxes(parts: Sequence[TaxedPart], rules: TaxRules, unit_cents: int = 1) -> Taxes:
    """Return the taxes of parts, by code; amounts of tax are multiples of ``unit_cents``."""
    rates = [rules.rate_of(part.code) for part in parts]
    part_cents = [0] * len(parts)
    lines = []
    for rate in sorted(set(rates)):
        weights = [part.cents if own == rate else 0 for part, own in zip(parts, rates, strict=True)]
        line = _line(sum(weights), rate, rules.is_included, unit_cents)
        lines.append(line)
        shares = allocate(line.tax_cents, weights, unit_cents)
        part_cents = [before + share for before, share in zip(part_cents, shares, strict=True)]
    return Taxes(lines, [(rate.code, cents) for rate, cents in zip(rates, part_cents, strict=True)])


def _line(cents: int, rate: TaxRate, is_included: bool, unit_cents: int) -> TaxLine:
    if is_included:
        tax = included_tax(cents, rate.rate, unit_cents)
        return TaxLine(*rate, cents - tax, tax, is_included)
    return TaxLine(*rate, cents, added_tax(cents, rate.rate, unit_cents), is_included)


def included_tax(gross_cents: int, rate: int, unit_cents: int = 1) -> int:
    """Return the tax included in an amount, rounded half up to whole units."""
    return half_up(gross_cents * rate, (FULL + rate) * unit_cents) * unit_cents


def added_tax(net_cents: int, rate: int, unit_cents: int = 1) -> int:
    """Return the tax on an amount, rounded half up to whole units."""
    return half_up(net_cents * rate, FULL * unit_cents) * unit_cents


def spread_discounts(
    line_cents: Sequence[int], discounts: Iterable[tuple[int, Sequence[int]]], unit_cents: int = 1
) -> list[int]:
    """Return what remains to pay of each line after discounts, each given with the cents of the lines it is for.

    The result adds up to the lines less the discounts and is never negative.
    """
    left = list(line_cents)
    for cents, of in discounts:
        weights = [min(rest, part) for rest, part in zip(left, of, strict=True)]
        first = min(cents, sum(weights))
        left = _less(left, first, weights, unit_cents)
        left = _less(left, min(cents - first, sum(left)), left, unit_cents)  # more than is left of its own goods
    return left


def _less(left: Sequence[int], cents: int, weights: Sequence[int], unit_cents: int) -> list[int]:
    shares = allocate(cents, weights, unit_cents)
    return [rest - share for rest, share in zip(left, shares, strict=True)]

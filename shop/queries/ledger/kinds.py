"""The properties of each kind of ledger entry that pages, filters and totals use."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from shop.domain.statuses import EntryKind
from shop.domain.text.messages import N_


@dataclass(frozen=True, slots=True)
class KindFacts:
    """A kind's ``slug`` in URLs and templates, its English label, and the sign of its points (0: either)."""

    slug: str
    label: str
    sign: Literal[-1, 0, 1]
    counts_as_redeemed: bool = False


FACTS: Final[Mapping[EntryKind, KindFacts]] = {
    EntryKind.EARNED: KindFacts("earned", N_("Earned"), 1),
    EntryKind.REDEEMED: KindFacts("redeemed", N_("Redeemed"), -1, counts_as_redeemed=True),
    EntryKind.RESTORED: KindFacts("returned", N_("Restored"), 1, counts_as_redeemed=True),
    EntryKind.REVERSED: KindFacts("taken", N_("Reversed"), -1),
    EntryKind.ADJUSTED: KindFacts("adjusted", N_("Adjusted"), 0),
    EntryKind.MERGED: KindFacts("merged", N_("Merged"), 0),
    EntryKind.MERGED_EARNED: KindFacts("merged_earned", N_("Merged, earned before"), 0),
}
"""In the order in which pages list them."""
KINDS: Final[Mapping[str, EntryKind]] = {facts.slug: kind for kind, facts in FACTS.items()}
"""The kind of each slug."""
REDEEMED: Final = tuple(kind for kind, facts in FACTS.items() if facts.counts_as_redeemed)
EARNED: Final = tuple(kind for kind in EntryKind if kind.counts_as_earned)


def slug_of(kind: str) -> str:
    """Return a stored kind's slug."""
    return FACTS[EntryKind(kind)].slug

"""The kinds of imports."""

from typing import Final

from shop.services.errors import InvalidInput
from shop.services.imports.customer_rows import CUSTOMERS
from shop.services.imports.kinds import ImportKind
from shop.services.imports.products import PRODUCTS

KINDS: Final = {kind.name: kind for kind in (CUSTOMERS, PRODUCTS)}


def find_kind(name: str) -> ImportKind:
    """Return a kind by its name. Raise InvalidInput."""
    if name not in KINDS:
        raise InvalidInput.of("kind", "must be one of %(choices)s", choices=", ".join(KINDS))
    return KINDS[name]

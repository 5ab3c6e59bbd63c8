"""Permissions of staff by area, on the pages and by a session in the JSON API, and the preset roles."""

from collections.abc import Iterable
from typing import Final

from shop.domain.statuses import Role

EVERYBODY: Final = frozenset(Role)
MANAGERS: Final = frozenset({Role.OWNER, Role.MANAGER})
OWNERS: Final = frozenset({Role.OWNER})
AREAS: Final[dict[str, dict[str, frozenset[str]]]] = {
    "customers": {
        "look": EVERYBODY,
        "customers.add": EVERYBODY,
        "notes.write": EVERYBODY,
        "customers.edit": MANAGERS,
        "customers.merge": MANAGERS,
        "customers.message": MANAGERS,
        "customers.delete": MANAGERS,
        "privacy.manage": MANAGERS,
    },
    "points": {
        "points.adjust": EVERYBODY,
        "points.unlimited": MANAGERS,
        "registrations.decide": MANAGERS,  # with the pictures of people's ID cards
        "loyalty.set": MANAGERS,
        "approvals.decide": MANAGERS,
    },
    "orders": {
        "orders.create": EVERYBODY,
        "orders.pay": EVERYBODY,
        "till.unlimited": MANAGERS,
        "orders.fulfil": EVERYBODY,
        "orders.price": MANAGERS,  # prices, discounts and delivery fees other than the shop's own
        "orders.change": MANAGERS,
    },
    "products": {
        "products.write": MANAGERS,
        "coupons.manage": MANAGERS,
        "delivery.manage": MANAGERS,
    },
    "reports": {
        "reports.read": MANAGERS,
        "lists.export": MANAGERS,
        "audit.read": MANAGERS,
    },
    "shop": {
        "imports.manage": MANAGERS,
        "store.set": MANAGERS,
        "payments.manage": OWNERS,
        "messages.manage": OWNERS,
        "backups.manage": OWNERS,
        "webhooks.manage": OWNERS,  # a receiver gets the data of all customers
        "keys.manage": OWNERS,
        "staff.manage": OWNERS,
    },
}
"""By area, each permission with the preset roles that have it."""
PERMISSIONS: Final = {name: roles for area in AREAS.values() for name, roles in area.items()}
OWNERS_ONLY: Final = frozenset({"staff.manage", "keys.manage"})
"""Not for a shop's own roles: with either, a person could give themselves every other permission."""
ALWAYS: Final = frozenset({"look"})
GRANTABLE: Final = frozenset(PERMISSIONS) - OWNERS_ONLY - ALWAYS


def permissions_of(role: str, granted: Iterable[str] | None = None) -> frozenset[str]:
    """Return the permissions of a preset role, or those ``granted`` to a shop's own role."""
    if granted is not None:
        return ALWAYS | (GRANTABLE & frozenset(granted))
    return frozenset(name for name, roles in PERMISSIONS.items() if role in roles)

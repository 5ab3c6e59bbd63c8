"""The permissions of each staff role, for the pages and for sessions in the JSON API."""

from typing import Final

from shop.domain.statuses import Role

EVERYBODY: Final = frozenset(Role)
MANAGERS: Final = frozenset({Role.OWNER, Role.MANAGER})
OWNERS: Final = frozenset({Role.OWNER})
PERMISSIONS: Final[dict[str, frozenset[str]]] = {
    "look": EVERYBODY,
    "points.adjust": EVERYBODY,  # a clerk up to the shop's daily limit, which the service enforces
    "notes.write": EVERYBODY,
    "customers.add": EVERYBODY,
    "customers.edit": MANAGERS,
    "customers.merge": MANAGERS,
    "customers.message": MANAGERS,
    "customers.delete": MANAGERS,
    "lists.export": MANAGERS,
    "reports.read": MANAGERS,
    "orders.create": EVERYBODY,
    "orders.pay": EVERYBODY,
    "orders.fulfil": EVERYBODY,
    "orders.price": MANAGERS,  # discounts, and prices and delivery fees that differ from the shop's
    "orders.change": MANAGERS,
    "products.write": MANAGERS,
    "imports.manage": MANAGERS,
    "coupons.manage": MANAGERS,
    "delivery.manage": MANAGERS,
    "loyalty.set": MANAGERS,
    "registrations.decide": MANAGERS,  # with the pictures of people's ID cards
    "privacy.manage": MANAGERS,
    "store.set": MANAGERS,
    "approvals.decide": MANAGERS,
    "audit.read": MANAGERS,
    "staff.manage": OWNERS,
    "keys.manage": OWNERS,
    "payments.manage": OWNERS,
    "backups.manage": OWNERS,
}


def allows(role: str, permission: str) -> bool:
    """Return whether a role has a permission. Raise KeyError for an unknown permission."""
    return role in PERMISSIONS[permission]

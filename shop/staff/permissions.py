"""Permission checks: a page calls ``may("…")`` before it shows a button; a view has ``@requires("…")``."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from shop.domain.permissions import PERMISSIONS
from shop.domain.statuses import Role
from shop.services.errors import NotAllowed
from shop.services.staff.accounts import StaffMember
from shop.web.pages.view_options import options_of, set_options

View = TypeVar("View", bound=Callable[..., Any])

ROLE_NAMES: Final[dict[str, Any]] = {
    Role.OWNER: lazy_gettext("Owner"),
    Role.MANAGER: lazy_gettext("Manager"),
    Role.CLERK: lazy_gettext("Clerk"),
}

AREA_NAMES: Final[dict[str, Any]] = {
    "customers": lazy_gettext("Customers"),
    "points": lazy_gettext("Points"),
    "orders": lazy_gettext("Orders"),
    "products": lazy_gettext("Products and delivery"),
    "reports": lazy_gettext("Reports and exports"),
    "shop": lazy_gettext("Shop"),
}
PERMISSION_NAMES: Final[dict[str, Any]] = {
    "look": lazy_gettext("View pages"),
    "customers.add": lazy_gettext("Add customers"),
    "notes.write": lazy_gettext("Write notes"),
    "customers.edit": lazy_gettext("Edit customers"),
    "customers.merge": lazy_gettext("Merge customers"),
    "customers.message": lazy_gettext("Message customers"),
    "customers.delete": lazy_gettext("Delete customers"),
    "privacy.manage": lazy_gettext("Handle requests about personal data"),
    "points.adjust": lazy_gettext("Adjust points"),
    "points.unlimited": lazy_gettext("Adjust points above the daily limit"),
    "registrations.decide": lazy_gettext("Approve registrations"),
    "loyalty.set": lazy_gettext("Change loyalty rules"),
    "approvals.decide": lazy_gettext("Approve large changes"),
    "orders.create": lazy_gettext("Create orders"),
    "orders.pay": lazy_gettext("Take payments"),
    "till.unlimited": lazy_gettext("Take sales above the limits of the till"),
    "orders.fulfil": lazy_gettext("Pack and deliver orders"),
    "orders.price": lazy_gettext("Change prices and discounts of an order"),
    "orders.change": lazy_gettext("Edit, refund and cancel orders"),
    "products.write": lazy_gettext("Edit products and stock"),
    "coupons.manage": lazy_gettext("Manage coupons"),
    "delivery.manage": lazy_gettext("Manage delivery"),
    "reports.read": lazy_gettext("View reports"),
    "lists.export": lazy_gettext("Export lists"),
    "audit.read": lazy_gettext("View the audit log"),
    "imports.manage": lazy_gettext("Import customers and products"),
    "store.set": lazy_gettext("Change store settings"),
    "payments.manage": lazy_gettext("Manage payment methods"),
    "messages.manage": lazy_gettext("Manage message channels and texts"),
    "backups.manage": lazy_gettext("Manage backups"),
    "webhooks.manage": lazy_gettext("Manage webhooks"),
    "keys.manage": lazy_gettext("Manage API keys"),
    "staff.manage": lazy_gettext("Manage staff and roles"),
}


def role_name(member: StaffMember) -> str:
    """Return the name of a person's role: the shop's own, or a preset one."""
    return member.role_name or str(ROLE_NAMES[member.role])


def requires(*permissions: str) -> Callable[[View], View]:
    """Mark a view as being for those who have any of the permissions; the guard refuses the others with 403."""
    unknown = set(permissions) - PERMISSIONS.keys()
    if unknown:
        raise KeyError(*unknown)
    return lambda view: set_options(view, permissions=permissions)


def check_view(member: StaffMember, view: Callable[..., Any]) -> None:
    """Raise NotAllowed when a view needs something that the person may not do; an unmarked view only needs to look."""
    check_permission(member, *(options_of(view).permissions or ("look",)))


def check_permission(member: StaffMember, *permissions: str) -> None:
    """Raise NotAllowed if a person has none of the permissions."""
    if not any(member.may(permission) for permission in permissions):
        raise NotAllowed(_("Your role doesn’t allow this. Ask the shop’s owner."), code="role")

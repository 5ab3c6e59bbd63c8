"""What each role may do. A page asks with ``may("…")`` before it shows a button; a view says ``@requires("…")``."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from shop.domain.permissions import PERMISSIONS, allows
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


def requires(permission: str) -> Callable[[View], View]:
    """Mark a view as being for those who may do something; the guard refuses the others with 403."""
    if permission not in PERMISSIONS:
        raise KeyError(permission)

    def mark(view: View) -> View:
        return set_options(view, permission=permission)

    return mark


def check_view(member: StaffMember, view: Callable[..., Any]) -> None:
    """Raise NotAllowed when a view needs something that the person may not do; an unmarked view only needs to look."""
    permission = options_of(view).permission or "look"
    if not allows(member.role, permission):
        raise NotAllowed(_("Your role doesn’t allow this. Ask the shop’s owner."), code="role")

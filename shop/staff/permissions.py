"""Permission checks: a page calls ``may("…")`` before it shows a button; a view has ``@requires("…")``."""

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
    """Mark a view as needing a permission; others get 403."""
    if permission not in PERMISSIONS:
        raise KeyError(permission)

    def mark(view: View) -> View:
        return set_options(view, permission=permission)

    return mark


def check_view(member: StaffMember, view: Callable[..., Any]) -> None:
    """Raise NotAllowed if a view needs a permission that the member lacks; an unmarked view needs none."""
    permission = options_of(view).permission or "look"
    if not allows(member.role, permission):
        raise NotAllowed(_("Your role doesn’t allow this. Ask the shop’s owner."), code="role")

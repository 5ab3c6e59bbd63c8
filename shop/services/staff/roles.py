"""Roles of a shop's own: a name and permissions; made, changed and deleted by its owners."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import func, select, update

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.ids import find_id
from shop.domain.permissions import GRANTABLE
from shop.domain.statuses import Role
from shop.models import Membership, StaffRole, StaffToken
from shop.services import audit_log, clock, mailed_links
from shop.services.actors import Actor
from shop.services.errors import Conflict, InvalidInput, NotFound

LONGEST_NAME = 60
MOST_ROLES = 50
PREFIX = "own:"


class GivenRole(NamedTuple):
    """A role to give to a person: a preset one, or with an id one of the shop's own."""

    role: str
    role_id: int | None
    name: str


def find_role(word: str) -> GivenRole:
    """Return a preset role by its word, or one of the shop's own by ``own:`` and its id. Raise InvalidInput."""
    if word in list(Role):
        return GivenRole(word, None, word)
    role_id = find_id(word.removeprefix(PREFIX)) if word.startswith(PREFIX) else None
    if role_id is not None:
        found = db.session.scalars(select(StaffRole).where(StaffRole.id == role_id).with_for_update()).first()
        if found is not None:
            return GivenRole(Role.CLERK, found.id, found.name)
    raise InvalidInput.of("role", "must be one of %(choices)s", choices=", ".join(Role))


def name_of_role(role: str, role_id: int | None) -> str:
    """Return the name of a shop's own role, the word of a preset one."""
    if role_id is None:
        return role
    return db.session.scalars(select(StaffRole.name).where(StaffRole.id == role_id)).first() or role


def list_roles() -> Sequence[StaffRole]:
    """Return the shop's own roles by name."""
    return db.session.scalars(select(StaffRole).order_by(StaffRole.name, StaffRole.id)).all()


def count_by_role() -> Mapping[int | None, int]:
    """Return how many people have each of the shop's own roles, by id."""
    counted = select(Membership.role_id, func.count()).where(Membership.role_id.is_not(None))
    return {row[0]: row[1] for row in db.session.execute(counted.group_by(Membership.role_id))}


def get_role(role_id: int) -> StaffRole:
    """Return one of the shop's own roles. Raise NotFound."""
    role = db.session.scalars(select(StaffRole).where(StaffRole.id == role_id)).first()
    if role is None:
        raise NotFound("There is no such role.")
    return role


def save_role(role_id: int | None, name: str, permissions: Iterable[str], actor: Actor) -> StaffRole:
    """Add a role, or change one; it holds for its people from their next request.

    Raises NotFound, and InvalidInput for a name that is missing, too long or taken, an unknown permission or one for
    owners alone, and too many roles.
    """
    name = " ".join(name.split())
    granted = sorted(set(permissions))
    with transaction() as session:
        role = get_role(role_id) if role_id is not None else None
        _check(name, granted, role)
        now = clock.now()
        if role is None:
            role = StaffRole(name=name, permissions=granted, created_at=now, updated_at=now)
            session.add(role)
            session.flush()
            audit_log.record(actor, "role.created", f"role:{role.id}", new=_words(name, granted))
        elif (role.name, role.permissions) != (name, granted):
            old = _words(role.name, role.permissions)
            role.name, role.permissions, role.updated_at = name, granted, now
            session.flush()
            audit_log.record(actor, "role.changed", f"role:{role.id}", old=old, new=_words(name, granted))
    return role


def _check(name: str, granted: list[str], role: StaffRole | None) -> None:
    if not name:
        raise InvalidInput.of("name", "is required")
    if len(name) > LONGEST_NAME:
        raise InvalidInput.of("name", "is too long: at most %(limit)s characters", limit=LONGEST_NAME)
    unknown = set(granted) - GRANTABLE
    if unknown:
        raise InvalidInput.of("permissions", "has a permission that a role cannot have")
    others = [one for one in list_roles() if role is None or one.id != role.id]
    if name.casefold() in {*(one.name.casefold() for one in others), *Role}:
        raise InvalidInput.of("name", "is the name of another role")
    if role is None and len(others) >= MOST_ROLES:
        raise InvalidInput.of("name", "exceeds the limit of %(limit)s roles", limit=MOST_ROLES)


def _words(name: str, granted: Iterable[str]) -> str:
    return f"{name}: {', '.join(granted)}"


def delete_role(role_id: int, actor: Actor) -> None:
    """Delete a role that no one has; open invitations to it are withdrawn. Raises NotFound, Conflict."""
    with transaction() as session:
        role = session.scalars(select(StaffRole).where(StaffRole.id == role_id).with_for_update()).first()
        if role is None:
            raise NotFound("There is no such role.")
        if count_by_role().get(role_id):
            raise Conflict("People have this role. Give them another one first.", code="role_in_use")
        mailed_links.void_links(StaffToken, StaffToken.role_id == role_id)
        session.execute(update(StaffToken).where(StaffToken.role_id == role_id).values(role_id=None))
        audit_log.record(actor, "role.deleted", f"role:{role_id}", old=_words(role.name, role.permissions))
        session.delete(role)

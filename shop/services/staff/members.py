"""The members of a shop and their roles, managed by its owners."""

from collections.abc import Sequence

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import joinedload

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.statuses import Role
from shop.domain.text.languages import LANGUAGES
from shop.domain.text.messages import N_
from shop.models import Membership, SavedView, StaffUser
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.errors import Conflict, InvalidInput, NotFound
from shop.services.passwords import hash_password, password_matches
from shop.services.staff.accounts import check_staff_password
from shop.services.staff.notices import notify
from shop.services.staff.roles import find_role, name_of_role
from shop.services.staff.sessions import end_sessions, end_sessions_in_shop

NOT_HERE = N_("This person is not a member of the shop.")


def list_members() -> Sequence[Membership]:
    """The people of the session's shop with their roles, longest first in."""
    return db.session.scalars(
        select(Membership).options(joinedload(Membership.user), joinedload(Membership.own_role)).order_by(Membership.id)
    ).all()


def get_person(user_id: int) -> StaffUser:
    """Return a person who works in the session's shop. Raises NotFound."""
    found = select(Membership).where(Membership.staff_user_id == user_id).options(joinedload(Membership.user))
    membership = db.session.scalars(found).first()
    if membership is None:
        raise NotFound(NOT_HERE)
    return membership.user


def change_role(user_id: int, role: str, actor: Actor) -> Membership:
    """Give a person of the shop another role, as ``find_role`` reads it.

    Raises NotFound, InvalidInput for an unknown role, Conflict when no owner would be left.
    """
    with transaction():
        given = find_role(role)
        membership = _lock(user_id)
        before = name_of_role(membership.role, membership.role_id)
        if (membership.role, membership.role_id) == (given.role, given.role_id):
            return membership
        if membership.role == Role.OWNER:
            _keep_an_owner()
        audit_log.record(actor, "staff.role", f"staff:{user_id}", old=before, new=given.name)
        membership.role, membership.role_id = given.role, given.role_id
        db.session.flush()
    return membership


def remove_member(user_id: int, actor: Actor) -> None:
    """Remove a member from the shop and end their sessions in it; what they did stays recorded.

    Raises NotFound, Conflict if no owner would be left.
    """
    with transaction() as session:
        membership = _lock(user_id)
        if membership.role == Role.OWNER:
            _keep_an_owner()
        session.execute(delete(SavedView).where(SavedView.staff_user_id == user_id))
        membership.user.updated_at = clock.now()  # the account's retention period starts now
        session.delete(membership)
        end_sessions_in_shop(user_id, membership.shop_id)
        audit_log.record(
            actor, "staff.removed", f"staff:{user_id}", old=name_of_role(membership.role, membership.role_id)
        )


def change_password(user_id: int, old: str, new: str, *, keep_session: int | None = None) -> None:
    """Change one's own password and end all other sessions.

    Raises InvalidInput if the old password is wrong or the new one is bad.
    """
    with transaction() as session:
        user = session.scalars(select(StaffUser).where(StaffUser.id == user_id).with_for_update()).one()
        check_staff_password(new, user.name, user.email, field="new_password")
        if not password_matches(old, user.password_hash):
            raise InvalidInput.of("old_password", "is not your password")
        user.password_hash = hash_password(new)
        user.updated_at = clock.now()
        session.flush()
        end_sessions(user_id, keep=keep_session)
        notify("password_changed", user_id)


def change_language(user_id: int, language: str | None) -> None:
    """Set the language of a member's pages and mails; None follows the browser. Raise InvalidInput."""
    if language is not None and language not in LANGUAGES:
        raise InvalidInput.of("language", "must be one of %(choices)s", choices=", ".join(LANGUAGES))
    with transaction() as session:
        session.execute(
            update(StaffUser).where(StaffUser.id == user_id).values(language=language, updated_at=clock.now())
        )


def _lock(user_id: int) -> Membership:
    """Return the person's membership, locked with those of all owners, so that two owners cannot remove one another."""
    statement = select(Membership).where((Membership.staff_user_id == user_id) | (Membership.role == Role.OWNER))
    for membership in db.session.scalars(statement.order_by(Membership.id).with_for_update()):
        if membership.staff_user_id == user_id:
            return membership
    raise NotFound(NOT_HERE)


def _keep_an_owner() -> None:
    owners = db.session.scalars(select(func.count(Membership.id)).where(Membership.role == Role.OWNER)).one()
    if owners < 2:
        raise Conflict("A shop needs an owner. Make someone else owner first.", code="last_owner")

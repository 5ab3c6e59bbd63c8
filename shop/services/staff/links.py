"""Links mailed to staff: to set a new password, or to join a shop."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select

from shop.db.session import db
from shop.db.tenant import all_tenants, current_shop_id, in_shop
from shop.db.transaction import transaction
from shop.domain.customers.contact import normalize_email
from shop.models import Membership, StaffToken, StaffUser
from shop.services import audit_log, clock, mailed_links, outbox
from shop.services.actors import Actor
from shop.services.errors import Conflict, InvalidInput, NotFound
from shop.services.staff.accounts import StaffMember, create_staff, find_member
from shop.services.staff.password import set_staff_password
from shop.services.staff.roles import find_role, name_of_role


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A link that can still be used; without ``has_account`` a password must be chosen to join."""

    kind: str
    email: str
    role: str | None
    has_account: bool


def request_password_link(email: str, *, secret_key: str, public_url: str) -> None:
    """Mail a link for a new password to the staff member with an e-mail, if there is one.

    For an unknown e-mail the same rows are written without a recipient, so that the response takes the same time.
    ``public_url`` is the installation's address. The newest link voids earlier ones.
    """
    try:
        email = normalize_email(email)
    except ValueError:
        return
    with transaction() as session:
        user = session.scalars(select(StaffUser).where(StaffUser.email == email)).first()
        somebody = session.scalars(select(StaffUser).order_by(StaffUser.id).limit(1)).first()
        if somebody is None:
            return
        member = find_member(user.id if user else somebody.id) or find_member(somebody.id)
        if member is None:
            return
        known = user is not None and member.user_id == user.id
        with in_shop(member.shop_id):
            mailed_links.void_links(StaffToken, StaffToken.kind == "reset", StaffToken.email == email)
            link, nonce = mailed_links.create_link(StaffToken, "reset", email, secret_key, shop_id=member.shop_id)
            _enqueue(link, nonce, public_url, email if known else None)


def invite_staff(email: str, role: str, actor: Actor, *, secret_key: str, public_url: str) -> StaffToken:
    """Mail an invitation to join the session's shop as ``role`` (as ``find_role`` reads it). It voids an earlier one.

    Raises InvalidInput for a bad e-mail or role, Conflict for a person who is a member already.
    """
    try:
        email = normalize_email(email)
    except ValueError as wrong:
        raise InvalidInput.of("email", str(wrong)) from None
    with transaction() as session:
        given = find_role(role)
        present = select(Membership.id).join(StaffUser, StaffUser.id == Membership.staff_user_id)
        if session.scalars(present.where(StaffUser.email == email)).first() is not None:
            raise Conflict("This person is already a member of the shop.", code="already_member")
        mailed_links.void_links(StaffToken, *_of_this_shop(), StaffToken.email == email)
        columns: dict[str, Any] = {"shop_id": current_shop_id(), "invited_by_id": actor.id}
        columns |= {"role": given.role, "role_id": given.role_id}
        link, nonce = mailed_links.create_link(StaffToken, "invite", email, secret_key, **columns)
        _enqueue(link, nonce, public_url, email)
        audit_log.record(actor, "staff.invited", f"invitation:{link.id}", new=given.name)
    return link


def _enqueue(link: StaffToken, nonce: str, public_url: str, recipient: str | None) -> None:
    payload = {"staff_token_id": link.id, "nonce": nonce, "at": public_url}
    outbox.enqueue(f"staff_{link.kind}", payload, recipient=recipient)


def _of_this_shop() -> tuple[ColumnElement[bool], ...]:
    return StaffToken.kind == "invite", StaffToken.shop_id == current_shop_id()


def find_link(token: str, kind: str) -> OpenLink | None:
    """Return the link of a token; None if it is unknown, used or expired."""
    link = mailed_links.find_link(StaffToken, StaffToken.kind == kind, token=token)
    if link is None:
        return None
    known = db.session.scalars(select(StaffUser.id).where(StaffUser.email == link.email)).first() is not None
    return OpenLink(link.kind, link.email, link.role, known)


def _use(token: str, kind: str) -> StaffToken:
    """Use a link in the caller's transaction. Raises NotFound if it can no longer be used."""
    link = mailed_links.use_link(StaffToken, StaffToken.kind == kind, token=token)
    if link is None:
        raise NotFound("This link has been used or is too old. Ask for a new one.", code="link_over")
    return link


def reset_password(token: str, password: str) -> None:
    """Set a new password by a mailed link and end all sessions of the person.

    Raises NotFound for an invalid link, InvalidInput for a bad password (the link stays valid then).
    """
    with transaction():
        set_staff_password(_use(token, "reset").email, password)


def accept_invitation(token: str, *, name: str, password: str | None) -> StaffMember:
    """Join the shop of an invitation; a new person chooses name and password, an existing one keeps their own.

    Raises NotFound for an invalid link, InvalidInput for a bad password.
    """
    with transaction(), all_tenants():
        link = _use(token, "invite")
        assert link.shop_id is not None
        assert link.role is not None
        with in_shop(link.shop_id):
            user = create_staff(link.email, password or "", name=name, role=link.role, role_id=link.role_id)
            role = name_of_role(link.role, link.role_id)
            audit_log.record(Actor("staff", user.id, user.name), "staff.joined", f"staff:{user.id}", new=role)
            member = find_member(user.id, link.shop_id)
    assert member is not None
    return member


def list_invitations() -> list[StaffToken]:
    """Return the open invitations to the session's shop, newest first."""
    statement = select(StaffToken).where(
        *_of_this_shop(), StaffToken.used_at.is_(None), StaffToken.expires_at > clock.now()
    )
    return list(db.session.scalars(statement.order_by(StaffToken.id.desc())))


def withdraw_invitation(invitation_id: int, actor: Actor) -> None:
    """Void an open invitation to the session's shop. Raises NotFound."""
    with transaction():
        if not mailed_links.void_links(StaffToken, *_of_this_shop(), StaffToken.id == invitation_id):
            raise NotFound("There is no such invitation.")
        audit_log.record(actor, "staff.invitation_withdrawn", f"invitation:{invitation_id}")


def purge_staff_links() -> int:
    """Delete a batch of expired links for a new password. Return how many."""
    return mailed_links.purge_links(StaffToken, StaffToken.kind == "reset")

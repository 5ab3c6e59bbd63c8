"""Links mailed to people of the staff: to choose a new password, or to join a shop. Each is good once, for a while.

Like a one-time code, the link's token is worked out from a nonce and the secret key when the mail is written; the
database holds only its hash.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from shop.db.session import db
from shop.db.tenant import all_tenants, current_shop_id, in_shop
from shop.db.transaction import transaction
from shop.db.upsert import purge_batch
from shop.domain.codes import hash_secret, link_token, new_nonce
from shop.domain.customers.contact import normalize_email
from shop.domain.statuses import Role
from shop.models import Membership, StaffToken, StaffUser
from shop.services import audit_log, clock, outbox
from shop.services.actors import Actor
from shop.services.errors import Conflict, InvalidInput, NotFound
from shop.services.staff.accounts import StaffMember, create_staff, find_member
from shop.services.staff.password import set_staff_password

RESET_LIFE = timedelta(hours=1)
INVITE_LIFE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class OpenLink:
    """What a link that can still be used is for; ``has_account`` tells whether a password must be chosen to join."""

    kind: str
    email: str
    role: str | None
    has_account: bool


@dataclass(frozen=True, slots=True)
class _NewLink:
    """A link to be mailed. Without ``is_known`` it is written all the same, with nobody to send it to."""

    kind: str
    email: str
    shop_id: int
    life: timedelta
    role: str | None = None
    invited_by_id: int | None = None
    is_known: bool = True


def request_password_link(email: str, *, secret_key: str, public_url: str) -> None:
    """Mail a link for a new password to the person with an e-mail, if there is one in any shop; say nothing either way.

    For an e-mail that nobody has, the same is written, with nobody to send it to: else the time would tell.
    ``public_url`` is where people reach the installation. The newest link voids those before.
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
            new = _NewLink("reset", email, member.shop_id, RESET_LIFE, is_known=known)
            _mail_link(new, secret_key, public_url)


def invite_staff(email: str, role: str, actor: Actor, *, secret_key: str, public_url: str) -> StaffToken:
    """Mail an invitation to join the session's shop as ``role``. A second one voids the first.

    Raises InvalidInput for a bad e-mail or role, Conflict for somebody who is in the shop already.
    """
    try:
        email = normalize_email(email)
    except ValueError as wrong:
        raise InvalidInput.of("email", str(wrong)) from None
    if role not in list(Role):
        raise InvalidInput.of("role", "must be one of %(choices)s", choices=", ".join(Role))
    with transaction() as session:
        present = select(Membership.id).join(StaffUser, StaffUser.id == Membership.staff_user_id)
        if session.scalars(present.where(StaffUser.email == email)).first() is not None:
            raise Conflict("This person is in the shop already.", code="already_member")
        new = _NewLink("invite", email, current_shop_id(), INVITE_LIFE, role, actor.id)
        link = _mail_link(new, secret_key, public_url)
        audit_log.record(actor, "staff.invited", f"invitation:{link.id}", new=role)
    return link


def _mail_link(new: _NewLink, secret_key: str, public_url: str) -> StaffToken:
    now = clock.now()
    _void(new.kind, new.email, new.shop_id if new.kind == "invite" else None)
    nonce = new_nonce()
    link = StaffToken(
        kind=new.kind,
        email=new.email,
        token_hash=hash_secret(link_token(secret_key, nonce)),
        shop_id=new.shop_id,
        role=new.role,
        invited_by_id=new.invited_by_id,
        expires_at=now + new.life,
        created_at=now,
    )
    db.session.add(link)
    db.session.flush()
    payload = {"staff_token_id": link.id, "nonce": nonce, "at": public_url}
    outbox.enqueue(f"staff_{new.kind}", payload, recipient=new.email if new.is_known else None)
    return link


def _void(kind: str, email: str, shop_id: int | None) -> None:
    older = [StaffToken.kind == kind, StaffToken.email == email, StaffToken.used_at.is_(None)]
    if shop_id is not None:
        older.append(StaffToken.shop_id == shop_id)
    db.session.execute(
        update(StaffToken).where(*older).values(used_at=clock.now()).execution_options(synchronize_session=False)
    )


def find_link(token: str, kind: str) -> OpenLink | None:
    """What a link is for; None for one that is unknown, used up or too old."""
    link = _open(token, kind)
    if link is None:
        return None
    known = db.session.scalars(select(StaffUser.id).where(StaffUser.email == link.email)).first() is not None
    return OpenLink(link.kind, link.email, link.role, known)


def find_mailed_link(staff_token_id: int) -> StaffToken | None:
    """A link that is about to be mailed; None once it is used up, voided or too old."""
    statement = select(StaffToken).where(
        StaffToken.id == staff_token_id, StaffToken.used_at.is_(None), StaffToken.expires_at > clock.now()
    )
    return db.session.scalars(statement).first()


def _open(token: str, kind: str) -> StaffToken | None:
    return db.session.scalars(
        select(StaffToken).where(
            StaffToken.token_hash == hash_secret(token),
            StaffToken.kind == kind,
            StaffToken.used_at.is_(None),
            StaffToken.expires_at > clock.now(),
        )
    ).first()


def _use(token: str, kind: str) -> StaffToken:
    """The link, used up in the caller's transaction. Raises NotFound for one that cannot be used any more."""
    link = _open(token, kind)
    gone = NotFound("This link has been used or is too old. Ask for a new one.", code="link_over")
    if link is None:
        raise gone
    used = db.session.execute(
        update(StaffToken)
        .where(StaffToken.id == link.id, StaffToken.used_at.is_(None))
        .values(used_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]
        raise gone
    return link


def reset_password(token: str, password: str) -> None:
    """Choose a new password by a mailed link; all sessions of the person end.

    Raises NotFound for a link that is over, InvalidInput for a bad password (the link stays good then).
    """
    with transaction():
        set_staff_password(_use(token, "reset").email, password)


def accept_invitation(token: str, *, name: str, password: str | None) -> StaffMember:
    """Join the shop of an invitation; somebody new chooses name and password, somebody known keeps their own.

    Raises NotFound for a link that is over, InvalidInput for a bad password.
    """
    with transaction(), all_tenants():
        link = _use(token, "invite")
        assert link.shop_id is not None
        assert link.role is not None
        with in_shop(link.shop_id):
            user = create_staff(link.email, password or "", name=name, role=link.role)
            audit_log.record(Actor("staff", user.id, user.name), "staff.joined", f"staff:{user.id}", new=link.role)
            member = find_member(user.id, link.shop_id)
    assert member is not None
    return member


def list_invitations() -> list[StaffToken]:
    """Invitations to the session's shop that are still open, newest first."""
    statement = select(StaffToken).where(
        StaffToken.kind == "invite",
        StaffToken.shop_id == current_shop_id(),
        StaffToken.used_at.is_(None),
        StaffToken.expires_at > clock.now(),
    )
    return list(db.session.scalars(statement.order_by(StaffToken.id.desc())))


def withdraw_invitation(invitation_id: int, actor: Actor) -> None:
    """End an open invitation to the session's shop. Raises NotFound."""
    with transaction() as session:
        done = session.execute(
            update(StaffToken)
            .where(
                StaffToken.id == invitation_id,
                StaffToken.kind == "invite",
                StaffToken.shop_id == current_shop_id(),
                StaffToken.used_at.is_(None),
            )
            .values(used_at=clock.now())
            .execution_options(synchronize_session=False)
        )
        if done.rowcount != 1:  # type: ignore[attr-defined]
            raise NotFound("There is no such invitation.")
        audit_log.record(actor, "staff.invitation_withdrawn", f"invitation:{invitation_id}")


def purge_staff_links() -> int:
    """Delete links for a new password that are too old, of whoever was named; how many there were."""
    return purge_batch(StaffToken, StaffToken.kind == "reset", StaffToken.expires_at < clock.now())

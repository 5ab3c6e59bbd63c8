"""Staff accounts: created by command, signed in to with a password (argon2id), with limits per account and address."""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from shop.db.session import db
from shop.db.tenant import all_tenants
from shop.db.transaction import transaction
from shop.domain.customers.contact import normalize_email
from shop.domain.passwords import STAFF_MIN_LENGTH, check_password
from shop.domain.permissions import PERMISSIONS
from shop.domain.statuses import Role
from shop.models import Membership, Shop, StaffUser
from shop.services import clock
from shop.services.actors import Actor
from shop.services.errors import InvalidInput, NotSignedIn
from shop.services.passwords import hash_password, needs_rehash, password_matches


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A signed-in staff member, their shop, and their role."""

    user_id: int
    name: str
    email: str
    session_version: int
    shop_id: int
    shop_name: str
    role: str
    """A preset role; ``clerk`` with a role of the shop's own."""
    role_name: str | None
    """Of the shop's own role; None for a preset one."""
    permissions: frozenset[str]
    language: str | None
    """Of pages and mails; None follows the browser."""

    @property
    def actor(self) -> Actor:
        """The staff member as an actor."""
        return Actor("staff", self.user_id, self.name)

    def may(self, permission: str) -> bool:
        """Return whether the person has a permission. Raise KeyError for an unknown permission."""
        return bool(PERMISSIONS[permission]) and permission in self.permissions


def create_staff(
    email: str, password: str, *, name: str = "", role: str = Role.OWNER, role_id: int | None = None
) -> StaffUser:
    """Make a person a member of the session's shop; an existing person keeps name and password, and gets the role.

    Raises InvalidInput for a bad e-mail, password or role.
    """
    try:
        email = normalize_email(email)
    except ValueError as wrong:
        raise InvalidInput.of("email", str(wrong)) from None
    if role not in list(Role):
        raise InvalidInput.of("role", "must be one of %(choices)s", choices=", ".join(Role))
    now = clock.real_now()
    with transaction() as session:
        user = session.scalars(select(StaffUser).where(StaffUser.email == email)).first()
        if user is None:
            check_staff_password(password, name, email)
            user = StaffUser(
                email=email,
                name=" ".join(name.split()) or email.split("@")[0],
                password_hash=hash_password(password),
                created_at=now,
                updated_at=now,
            )
            session.add(user)
            session.flush()
        membership = session.scalars(select(Membership).where(Membership.staff_user_id == user.id)).first()
        if membership is None:
            session.add(Membership(staff_user_id=user.id, role=role, role_id=role_id, created_at=now))
        else:
            membership.role, membership.role_id = role, role_id
        session.flush()
    return user


def sign_in(email: str, password: str) -> StaffMember:
    """Return the person with an e-mail and password, in the first of their shops.

    Raise the same NotSignedIn for every wrong input.
    """
    user = db.session.scalars(select(StaffUser).where(StaffUser.email == sign_in_key(email))).first()
    if not password_matches(password, user.password_hash if user else None) or user is None:
        raise NotSignedIn("Wrong e-mail or password. Try again.", code="wrong_password")
    member = find_member(user.id)
    if member is None:
        raise NotSignedIn("You do not belong to any shop at the moment. Ask its owner.", code="no_shop")
    _renew_hash(user.id, user.password_hash, password)
    return member


def _renew_hash(user_id: int, kept: str, password: str) -> None:
    """Replace a hash made with older parameters, unless the password was changed in the meantime."""
    if needs_rehash(kept):
        rehashed = hash_password(password)
        with transaction() as session:
            unchanged = (StaffUser.id == user_id, StaffUser.password_hash == kept)
            session.execute(update(StaffUser).where(*unchanged).values(password_hash=rehashed))


def note_sign_in(user_id: int) -> None:
    """Record that a person completed a sign-in."""
    with transaction() as session:
        session.execute(update(StaffUser).where(StaffUser.id == user_id).values(last_signed_in_at=clock.real_now()))


def check_staff_password(password: str, *context: str, field: str = "password") -> None:
    """Check a new password of a staff member; ``context`` has texts to avoid in it. Raise InvalidInput."""
    try:
        check_password(password, minimum=STAFF_MIN_LENGTH, context=context)
    except ValueError as wrong:
        raise InvalidInput.of(field, str(wrong)) from None


def confirm_password(user_id: int, password: str) -> None:
    """Check the password of a signed-in person. Raise InvalidInput for a wrong one."""
    kept = db.session.scalars(select(StaffUser.password_hash).where(StaffUser.id == user_id)).first()
    if not password_matches(password, kept):
        raise InvalidInput.of("password", "is not your password")


def sign_in_key(email: str) -> str:
    """Return an e-mail as accounts have it, however it is typed; "" for what is none."""
    try:
        return normalize_email(email)
    except ValueError:
        return ""


def find_member(user_id: int, shop_id: int | None = None) -> StaffMember | None:
    """Return a person as a member of a shop (by default their first); None without a membership."""
    return next(iter(list_memberships(user_id, shop_id, limit=1)), None)


def list_memberships(user_id: int, shop_id: int | None = None, *, limit: int | None = None) -> list[StaffMember]:
    """Return a person's memberships (or the one in a shop), oldest first."""
    statement = (
        select(StaffUser, Membership, Shop)
        .join(Membership, Membership.staff_user_id == StaffUser.id)
        .join(Shop, Shop.id == Membership.shop_id)
        .where(StaffUser.id == user_id)
        .options(joinedload(Membership.own_role))
        .order_by(Membership.id)
        .limit(limit)
    )
    if shop_id is not None:
        statement = statement.where(Shop.id == shop_id)
    with all_tenants():
        rows = db.session.execute(statement).all()
    return [member_of(user, shop, membership) for user, membership, shop in rows]


def member_of(user: StaffUser, shop: Shop, membership: Membership) -> StaffMember:
    """Return a person as a member of a shop."""
    return StaffMember(
        user_id=user.id,
        name=user.name,
        email=user.email,
        session_version=user.session_version,
        shop_id=shop.id,
        shop_name=shop.name,
        role=membership.role,
        role_name=membership.own_role.name if membership.own_role else None,
        permissions=membership.permissions,
        language=user.language,
    )

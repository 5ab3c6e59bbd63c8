"""Reset the password of a staff member by command."""

from sqlalchemy import select

from shop.db.transaction import transaction
from shop.domain.customers.contact import normalize_email
from shop.models import StaffUser
from shop.services import clock
from shop.services.errors import InvalidInput, NotFound
from shop.services.passwords import hash_password
from shop.services.staff.accounts import check_staff_password
from shop.services.staff.notices import notify
from shop.services.staff.sessions import end_sessions


def set_staff_password(email: str, password: str) -> StaffUser:
    """Set a new password for the person with an e-mail and end all of their sessions.

    Raises NotFound for an unknown person, InvalidInput for a bad password.
    """
    with transaction() as session:
        statement = select(StaffUser).where(StaffUser.email == _clean(email)).with_for_update()
        user = session.scalars(statement).first()
        if user is None:
            raise NotFound("There is no such person.")
        check_staff_password(password, user.name, user.email)
        user.password_hash = hash_password(password)
        user.updated_at = clock.real_now()
        session.flush()
        end_sessions(user.id)
        notify("password_changed", user.id)
    return user


def _clean(email: str) -> str:
    try:
        return normalize_email(email)
    except ValueError as wrong:
        raise InvalidInput.of("email", str(wrong)) from None

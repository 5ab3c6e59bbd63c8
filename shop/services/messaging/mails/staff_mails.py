"""Mails to staff with a link: new password, invitation."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from shop.db.session import db
from shop.domain.codes import link_token
from shop.domain.statuses import Role
from shop.domain.text.messages import N_
from shop.models import StaffToken, StaffUser
from shop.services import mailed_links
from shop.services.staff.roles import name_of_role

PATHS = {"reset": "/staff/new-password/", "invite": "/staff/join/"}
ROLES = {Role.OWNER: N_("owner"), Role.MANAGER: N_("manager"), Role.CLERK: N_("clerk")}


@dataclass(frozen=True, slots=True, repr=False)
class LinkWords:
    """The texts of a mail with a link."""

    address: str
    life: str
    role: str


def link_words(payload: dict[str, Any], secret_key: str) -> LinkWords | None:
    """Return the texts of a mailed link; None if it is used, void or expired."""
    link = mailed_links.find_link(StaffToken, StaffToken.id == payload["staff_token_id"])
    if link is None:
        return None
    token = link_token(secret_key, payload["nonce"])
    return LinkWords(
        f"{payload['at']}{PATHS[link.kind]}{token}",
        mailed_links.LIFE_TEXTS[link.kind],
        _role(link.role, link.role_id) if link.role else "",
    )


def _role(role: str, role_id: int | None) -> str:
    return ROLES[Role(role)] if role_id is None else name_of_role(role, role_id)


def staff_language(email: str) -> str | None:
    """Return the language that the member of staff with this address chose."""
    return db.session.scalars(select(StaffUser.language).where(StaffUser.email == email)).first()

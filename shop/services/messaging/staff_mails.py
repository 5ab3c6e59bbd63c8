"""What the mails to people of the staff say: a link for a new password, an invitation."""

from dataclasses import dataclass
from typing import Any

from shop.domain.codes import link_token
from shop.services.staff.links import find_mailed_link

PATHS = {"reset": "/staff/new-password/", "invite": "/staff/join/"}
LIVES = {"reset": "an hour", "invite": "seven days"}


@dataclass(frozen=True, slots=True, repr=False)
class LinkWords:
    """The link of a mail and what goes with it."""

    address: str
    life: str
    role: str


def link_words(payload: dict[str, Any], secret_key: str) -> LinkWords | None:
    """The words of a mailed link; None once it is used up, voided or too old."""
    link = find_mailed_link(payload["staff_token_id"])
    if link is None:
        return None
    token = link_token(secret_key, payload["nonce"])
    return LinkWords(f"{payload['at']}{PATHS[link.kind]}{token}", LIVES[link.kind], link.role or "")

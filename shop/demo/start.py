"""Load the demo shop once and make sure that ``demo.json`` exists."""

import hmac
from dataclasses import dataclass
from pathlib import Path

from shop.db.tenant import in_shop
from shop.db.transaction import transaction
from shop.demo.credentials_file import Passport, issue_passport
from shop.demo.load import OWNER, find_demo, load_demo
from shop.services.staff.password import set_staff_password


@dataclass(frozen=True, slots=True)
class Ready:
    """The demo shop's credentials, and whether it was loaded just now."""

    passport: Passport
    is_new: bool


def make_demo_ready(folder: Path, secret_key: str) -> Ready:
    """Load the demo shop and write ``demo.json`` into ``folder`` unless they exist.

    If ``demo.json`` was lost, it is written again with new keys, and the owner's password is reset to match it.
    """
    shop = find_demo()
    passport = Passport.read(folder) if shop else None
    if shop and passport:
        return Ready(passport, is_new=False)
    password = owner_password(secret_key)
    with transaction():
        made = shop or load_demo(password)
        if shop:
            set_staff_password(OWNER, password)
        with in_shop(made.id):
            passport = issue_passport(password)
        passport.write(folder)
    return Ready(passport, is_new=shop is None)


def owner_password(secret_key: str) -> str:
    """Return the demo's staff password: different in every installation, the same at each start."""
    return "duka-" + hmac.digest(secret_key.encode(), b"demo-password", "sha256").hex()[:12]


def find_passport(folder: Path, secret_key: str) -> Passport | None:
    """Return the demo shop's credentials; None if it was never loaded."""
    return make_demo_ready(folder, secret_key).passport if find_demo() else None

"""Load the demo shop once and make sure that ``demo.json`` exists."""

import hmac
from dataclasses import dataclass
from pathlib import Path

from shop.db.tenant import in_shop
from shop.db.transaction import transaction
from shop.demo.credentials_file import DemoCredentials, create_credentials
from shop.demo.load import OWNER, find_demo, load_demo
from shop.services.staff.password import set_staff_password


@dataclass(frozen=True, slots=True)
class Ready:
    """The demo shop's credentials, and whether it was loaded just now."""

    credentials: DemoCredentials
    is_new: bool


def make_demo_ready(folder: Path, secret_key: str) -> Ready:
    """Load the demo shop and write ``demo.json`` into ``folder`` unless they exist.

    If ``demo.json`` was lost, it is written again with new keys, and the owner's password is reset to match it.
    """
    shop = find_demo()
    credentials = DemoCredentials.read(folder) if shop else None
    if shop and credentials:
        return Ready(credentials, is_new=False)
    password = owner_password(secret_key)
    with transaction():
        made = shop or load_demo(password)
        if shop:
            set_staff_password(OWNER, password)
        with in_shop(made.id):
            credentials = create_credentials(password)
        credentials.write(folder)
    return Ready(credentials, is_new=shop is None)


def owner_password(secret_key: str) -> str:
    """Return the demo's staff password: different in every installation, the same at each start."""
    return "duka-" + hmac.digest(secret_key.encode(), b"demo-password", "sha256").hex()[:12]


def find_credentials(folder: Path, secret_key: str) -> DemoCredentials | None:
    """Return the demo shop's credentials; None if it was never loaded."""
    return make_demo_ready(folder, secret_key).credentials if find_demo() else None

"""Actors, stored with entries, notes and the audit log."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Actor:
    """A staff member, an API key, the customer, or the system; ``label`` is the displayed name."""

    kind: Literal["staff", "api_key", "customer", "system"]
    id: int | None
    label: str


SYSTEM = Actor("system", None, "Tuza")
SHOPPER = Actor("customer", None, "Customer")


@dataclass(frozen=True, slots=True)
class Shopper:
    """A shopper's session: of a customer, of an unverified account, or with neither of a guest."""

    session_id: int
    customer_id: int | None = None
    signup_id: int | None = None

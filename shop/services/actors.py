"""Who does something: kept with entries, notes and the audit log."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Actor:
    """A staff member, an API key, the customer, or the system itself; ``label`` is what people read."""

    kind: Literal["staff", "api_key", "customer", "system"]
    id: int | None
    label: str


SYSTEM = Actor("system", None, "Tuza")
SHOPPER = Actor("customer", None, "Customer")


@dataclass(frozen=True, slots=True)
class Shopper:
    """The session of a shopper: a customer's, an unconfirmed account's, or with neither a guest's."""

    session_id: int
    customer_id: int | None = None
    signup_id: int | None = None

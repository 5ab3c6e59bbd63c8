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

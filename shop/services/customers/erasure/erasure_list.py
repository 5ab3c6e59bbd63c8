"""The list of erased people, outside the database, so that erasures can be repeated after a restore.

``erasures.jsonl`` in the instance folder has one JSON object a line, with ids and hashes only.
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from shop.domain.codes import hash_secret
from shop.models import Customer
from shop.services import clock
from shop.services.app_config import app_config

FILE: Final = "erasures.jsonl"


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erased person. ``record_hash`` distinguishes them from someone with the same id after a restore."""

    erased_at: str
    shop_id: int
    customer_id: int
    record_hash: str


def erasure_file() -> Path:
    """Return the path of the list."""
    return Path(app_config()["SHOP_INSTANCE"]) / FILE


def add_erasures(customers: Iterable[Customer]) -> None:
    """Append customers who are being erased; flushed to disk on return."""
    now = clock.now().isoformat()
    listed = (Erasure(now, customer.shop_id, customer.id, record_hash(customer)) for customer in customers)
    lines = "".join(json.dumps(asdict(one)) + "\n" for one in listed)
    descriptor = os.open(erasure_file(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())


def read_erasures() -> Iterator[Erasure]:
    """Yield the list, oldest first. A line truncated by a crash is skipped."""
    path = erasure_file()
    for line in path.read_text().splitlines() if path.is_file() else []:
        try:
            yield Erasure(**json.loads(line))
        except (ValueError, TypeError):
            continue


def record_hash(customer: Customer) -> str:
    """Return a hash of a customer's shop, id and time of creation, which never change."""
    return hash_secret(f"{customer.shop_id}:{customer.id}:{customer.created_at.isoformat()}")

"""The list of attacks: number, name, and a function that yields what was tried, what came back and whether it holds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.attack.client import Target

Tried = tuple[str, object, bool]
Run = Callable[[Target], Iterator[Tried]]


@dataclass(frozen=True)
class Attack:
    """An attack by its name; the numbers of the review that it stands for are in ``order``."""

    order: int
    name: str
    run: Run


ATTACKS: list[Attack] = []
NOT_BY_HTTP = {
    "two shops: every route with another shop's ids": "tests/test_scope_routes.py",
    "clerk and manager at every page": "tests/staff/test_permissions.py",
    "clerk's session in the JSON API": "tests/api/test_session_callers.py",
    "invitation and reset links: reuse, race, log": "tests/staff/test_auth.py",
    "codes: sixth try, races, limits by person": "tests/services/loyalty/test_otp.py",
    "keeping a customer from their points": "tests/services/loyalty/test_otp.py",
    "M-Pesa callbacks: short, twice, contradiction": "tests/services/payments",
    "time of a sign-in, known and unknown": "bench/enumeration.py",
    "erasure leaves nothing": "tests/services/customers/test_deletion.py",
    "files of backups: paths, links": "tests/backups",
    "production without PUBLIC_URL, with a weak key": "tests/test_config.py",
    "kill -9, full disk, lock held elsewhere, corrupt file, clock set back": "bench/kill, tests/db/test_failures.py",
}
"""Attacks that need more than an address: each with the test that makes it."""


def attack(order: int, name: str) -> Callable[[Run], Run]:
    """Register an attack; those that use up limits of the address come last."""

    def register(run: Run) -> Run:
        ATTACKS.append(Attack(order, name, run))
        return run

    return register

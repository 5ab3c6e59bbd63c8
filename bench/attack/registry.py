"""The list of attacks: number, name, and a function that yields the attempt, the response, and whether it is safe."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.attack.client import Target

Tried = tuple[str, object, bool]
Run = Callable[[Target], Iterator[Tried]]


@dataclass(frozen=True)
class Attack:
    """An attack by its number and name; ``late`` ones use up the address's rate limits, so they run last."""

    number: int
    name: str
    run: Run
    late: bool = False


ATTACKS: list[Attack] = []
NOT_BY_HTTP = {
    1: ("every route with another shop's ids", "tests/test_scope_routes.py"),
    2: ("another shop's products, coupons, tokens and cookies", "tests/test_scope_routes.py, tests/db/test_tenant.py"),
    17: ("time of a sign-in, known and unknown", "bench/enumeration.py"),
    19: ("made-up addresses through a trusted proxy", "tests/api/test_limits.py"),
    36: ("tries by e-mail and by phone together", "tests/services/loyalty/test_otp.py"),
    37: ("keeping a customer from their points", "tests/services/loyalty/test_otp.py"),
    39: ("limits over processes", "tests/test_two_processes.py"),
    52: ("M-Pesa callbacks with odd amounts", "tests/storefront/test_mpesa.py"),
    53: ("M-Pesa callbacks: short, twice, contradiction", "tests/storefront/test_mpesa.py"),
    54: ("the callback's secret in the log", "tests/storefront/test_mpesa.py"),
    63: ("requests to addresses that a shop sets", "tests/domain/test_settings.py"),
    67: ("files of backups: paths, links", "tests/backups"),
    70: ("sign-ins that stop the shop", "bench/sign_ins.py, tests/services/test_passwords.py"),
    75: ("production without PUBLIC_URL, with a weak key", "tests/test_config.py"),
    77: ("secrets, e-mails and tokens in the log", "tests/observability/test_logs.py"),
    79: ("kill -9, full disk, lock, corrupt file, clock set back", "bench/kill, tests/db/test_failures.py"),
}
"""Attacks that need more than an address: each with the test that makes it."""


def attack(number: int, name: str, *, late: bool = False) -> Callable[[Run], Run]:
    """Register an attack."""

    def register(run: Run) -> Run:
        ATTACKS.append(Attack(number, name, run, late))
        return run

    return register

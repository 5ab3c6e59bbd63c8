"""Counters for operators (``docs/operations.md``, Metrics).

Labels have a fixed set of values: never an id, a name, an e-mail, a code or a token. A transaction's counts are added
after its commit.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter

from shop.db.session import db
from shop.db.transaction import after_commit
from shop.services.errors import TooOften

POINTS = Counter("tuza_points", "Points moved, by the ledger's reason; taken and given alike.", ["reason"])
MOVEMENTS = Counter("tuza_ledger_entries", "Entries of the ledger, by reason.", ["reason"])
CODES = Counter("tuza_codes", "One-time codes: asked for and tried, by what came of it.", ["what"])
MAILS = Counter("tuza_mails", "Mails handed over, or put off because they could not be.", ["kind", "result"])


def count_movement(reason: str, points: int) -> None:
    """Count a ledger entry of the session's transaction."""

    def count() -> None:
        MOVEMENTS.labels(reason).inc()
        POINTS.labels(reason).inc(abs(points))

    after_commit(db.session(), count)


def count_code(what: str) -> None:
    """Count a code's outcome in the session's transaction: ``sent``, ``for_nobody``, ``send_refused``, ``right``, …"""
    after_commit(db.session(), CODES.labels(what).inc)


@contextmanager
def count_refused_codes(what: str) -> Iterator[None]:
    """Count an error raised in the block, whose transaction is rolled back: ``send_refused`` or ``try_refused``."""
    try:
        yield
    except TooOften:
        CODES.labels(what).inc()
        raise


def count_mail(kind: str, result: str) -> None:
    """Count a mail that was ``sent``, ``dropped`` as obsolete, or ``put_off``."""
    MAILS.labels(kind, result).inc()

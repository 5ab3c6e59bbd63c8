"""What is counted for those who watch over an installation (``docs/operations.md``, Metrics).

Names and words of a fixed set, never an id, a name, an e-mail, a code or a token. What a transaction does is counted
once it is committed.
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
    """An entry of the ledger in the session's transaction."""

    def count() -> None:
        MOVEMENTS.labels(reason).inc()
        POINTS.labels(reason).inc(abs(points))

    after_commit(db.session(), count)


def count_code(what: str) -> None:
    """What comes of a code in the session's transaction: ``sent``, ``for_nobody``, ``send_refused``, ``right``, …"""
    after_commit(db.session(), CODES.labels(what).inc)


@contextmanager
def count_refused_codes(what: str) -> Iterator[None]:
    """Count a refusal of the block, whose transaction is rolled back by it: ``send_refused`` or ``try_refused``."""
    try:
        yield
    except TooOften:
        CODES.labels(what).inc()
        raise


def count_mail(kind: str, result: str) -> None:
    """A mail that was ``sent``, ``dropped`` because nothing was left to say, or ``put_off``."""
    MAILS.labels(kind, result).inc()

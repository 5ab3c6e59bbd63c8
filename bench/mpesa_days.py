"""``python -m bench.mpesa_days``: a thousand synthetic days of payments to a short code, with faults.

Confirmations are lost, late, repeated and out of order, and order numbers end alike (``tests/support/mpesa_days.py``).
Results of reversals are lost, late, double or wrong (``tests/support/mpesa_reversals.py``).
Every day must end without an open difference, and every payment must count once. On each engine; exits with 1
otherwise. The same options are the same days.
"""

import logging
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import click

from shop.db.tenant import use_shop
from shop.services.loyalty.verification import verify_ledger
from shop.services.payments.config import PaymentConfig
from tests import factories
from tests.support.daraja import FakeDaraja
from tests.support.databases import ENGINES, DatabaseHost, close
from tests.support.mpesa_days import Days


class Run(NamedTuple):
    """The options of the days."""

    seed: int
    payments: int
    numbers: int


@click.command()
@click.option("--days", default=1_000, show_default=True)
@click.option("--payments", default=8, show_default=True, help="About how many a day.")
@click.option("--seed", default=1, show_default=True)
@click.option("--numbers", default=300, show_default=True, help="Different endings of order numbers.")
@click.option("--engine", "engines", multiple=True, type=click.Choice(ENGINES), default=ENGINES)
def main(days: int, payments: int, seed: int, numbers: int, engines: tuple[str, ...]) -> None:
    """Live through the days."""
    logging.disable(logging.WARNING)
    host = DatabaseHost(Path(tempfile.mkdtemp(prefix="tuza-days-", dir="/tmp")))
    host.folder.chmod(0o711)
    try:
        wrong = [problem for engine in engines for problem in _live(host, engine, days, Run(seed, payments, numbers))]
    finally:
        host.stop()
    for problem in wrong[:20]:
        click.echo(problem)
    sys.exit(1 if wrong else 0)


def _live(host: DatabaseHost, engine: str, count: int, run: Run) -> list[str]:
    databases = host.databases()
    app = databases.app(databases.fresh(engine))
    daraja = FakeDaraja()
    daraja.start()
    app.config["DARAJA_URL"] = daraja.url
    began = time.monotonic()
    with app.app_context():
        shop = factories.make_shop()
        use_shop(shop.id)
        days = Days(run.seed, daraja, PaymentConfig.of(app.config), run.payments, run.numbers)
        wrong = days.live(count)
        if not verify_ledger(shop.id).is_clean:
            wrong.append("the ledger does not verify")
    close(app)
    daraja.stop()
    faults = ", ".join(f"{number} {name}" for name, number in sorted(days.faults.items()))
    seconds = time.monotonic() - began
    click.echo(f"{engine}: {count} days, {days.payments} payments, {days.expected_points} points ({faults})")
    click.echo(f"{engine}: {len(wrong)} open differences, {seconds:.0f} s")
    return wrong


if __name__ == "__main__":
    main()

"""``flask --app wsgi worker``: sends what waits in the outbox."""

import signal
import threading

import click
from flask import current_app
from flask.cli import with_appcontext

from shop.cli.command_errors import plainly
from shop.cli.parent_watch import hold_lifeline
from shop.worker.loop import run_worker

JOIN_SECONDS = 0.5


@click.command("worker")
@with_appcontext
@plainly
def worker() -> None:
    """Send what waits in the outbox (mail), and tidy up, until SIGTERM or Ctrl-C.

    Any number of workers may run at once. On SQLite the web process does this by itself and no worker is needed.
    """
    stop = threading.Event()
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    # In a thread, so that a signal never finds this one inside the event that its handler sets.
    thread = threading.Thread(target=run_worker, args=(app, stop), name="tuza-worker")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    hold_lifeline()
    click.echo("The worker is running.", err=True)
    thread.start()
    while thread.is_alive():
        thread.join(JOIN_SECONDS)
    click.echo("The worker has stopped.", err=True)

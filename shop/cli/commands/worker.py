"""``tuza worker``: send messages and run the scheduled jobs."""

import signal
import threading

import click
from flask import current_app
from flask.cli import with_appcontext

from shop.cli.command_errors import with_error_messages
from shop.cli.parent_watch import exit_with_parent
from shop.worker.loop import run_worker

JOIN_SECONDS = 0.5


@click.command("worker")
@with_appcontext
@with_error_messages
def worker() -> None:
    """Send messages from the outbox and run scheduled jobs, until SIGTERM or Ctrl-C.

    Several workers may run at once. On SQLite none is needed: the web process does this itself.
    """
    stop = threading.Event()
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    # In its own thread: the signal handler sets the event, and the main thread must not hold the event's lock then.
    thread = threading.Thread(target=run_worker, args=(app, stop), name="tuza-worker")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    exit_with_parent()
    click.echo("The worker is running.", err=True)
    thread.start()
    while thread.is_alive():
        thread.join(JOIN_SECONDS)
    click.echo("The worker has stopped.", err=True)

"""The worker's loop over the registered jobs.

It runs in threads of the web process and in ``tuza worker``; any number of workers may run at once.
"""

import atexit
import logging
import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from shop.observability.json_logging import error_location
from shop.services.loyalty.nightly_check import ShutdownRequested
from shop.services.messaging.channels.registry import list_channels
from shop.worker.registry import Job, all_jobs

OUTAGE_SECONDS = 5
"""Seconds to wait after a job has failed."""
SHUTDOWN_SECONDS = 5

log = logging.getLogger("tuza.worker")


class Application(Protocol):
    """The parts of the application that the worker needs: its configuration and context."""

    @property
    def config(self) -> Mapping[str, Any]:
        """``SECRET_KEY``, ``TUZA_ENV``, ``WORKER_POLL_SECONDS`` and ``MAIL_*``."""

    def app_context(self) -> AbstractContextManager[Any]:
        """Return a context for one run of a job."""


def run_worker(app: Application, stop: threading.Event) -> None:
    """Run each job in its own thread until ``stop`` is set, which ends all waiting at once.

    So a slow provider or a large ledger delays no mail.
    """
    for channel in list_channels().values():
        if setting := channel.missing_setting(app.config):
            log.warning("%s is not set: messages by %s wait in the outbox until it is", setting, channel.code)
    threads = [
        threading.Thread(target=run_job, args=(app, job, stop), name=f"tuza-{job.name}", daemon=True)
        for job in all_jobs()
    ]
    for thread in threads:
        thread.start()
    stop.wait()
    for thread in threads:
        thread.join(SHUTDOWN_SECONDS)


def run_job(app: Application, job: Job, stop: threading.Event) -> None:
    """Run a job until ``stop`` is set. A failure, such as an unavailable database, is logged once and retried."""
    failing = False
    while not stop.is_set():
        try:
            with app.app_context():
                done = job.run(app.config, stop)
        except ShutdownRequested:
            return
        except Exception as error:
            if not failing:
                log.error("the job %s failed and will be tried again: %s", job.name, error_location(error))
            failing = True
            stop.wait(OUTAGE_SECONDS)
            continue
        if failing:
            log.info("the job %s works again", job.name)
        failing = False
        if job.interval is not None:
            stop.wait(job.interval)
        elif not done:
            stop.wait(app.config["WORKER_POLL_SECONDS"])


def start_inline_worker(app: Application) -> threading.Event:
    """Run the worker in threads of this process; return the event that stops it.

    The process sets it when it exits, and waits a few seconds for a message being sent.
    """
    stop = threading.Event()
    thread = threading.Thread(target=run_worker, args=(app, stop), name="tuza-worker", daemon=True)
    thread.start()
    atexit.register(_finish, stop, thread)
    return stop


def _finish(stop: threading.Event, thread: threading.Thread) -> None:
    stop.set()
    thread.join(SHUTDOWN_SECONDS)

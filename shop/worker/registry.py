"""The worker's jobs, registered by the modules of ``shop.worker.jobs``. To add a job, add a module there."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from shop.worker import jobs

Run = Callable[[Mapping[str, Any], threading.Event], int]
"""Called with the configuration and the stop event; returns how much was done, 0 for nothing."""


@dataclass(frozen=True, slots=True)
class Job:
    """A function that the worker calls every ``interval`` seconds.

    Without an interval it is called again at once while it returns more than 0, else after ``WORKER_POLL_SECONDS``.
    """

    name: str
    interval: float | None
    run: Run


_jobs: dict[str, Job] = {}


def job(name: str, *, interval: float | None = None) -> Callable[[Run], Run]:
    """Register a function as the job ``name``."""

    def register(run: Run) -> Run:
        _jobs[name] = Job(name, interval, run)
        return run

    return register


def all_jobs() -> list[Job]:
    """Return the jobs of all modules in ``shop.worker.jobs``, by name."""
    for module in iter_modules(jobs.__path__):
        import_module(f"{jobs.__name__}.{module.name}")
    return [_jobs[name] for name in sorted(_jobs)]

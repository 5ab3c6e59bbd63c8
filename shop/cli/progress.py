"""How far a long command has come: a bar at a terminal; elsewhere, such as in a log, a line now and then."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

LINE_SECONDS = 5
"""Elsewhere than at a terminal, a line is said so often; what is over sooner says none."""


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """A function for ``done`` and ``total``, to be called as often as one likes; it writes to the standard error."""
    if sys.stderr.isatty():
        with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

            def move(done: int, total: int) -> None:
                bar.length = max(total, 1)
                bar.update(done - bar.pos)

            yield move
    else:
        yield _say(label)


def _say(label: str) -> Callable[[int, int], None]:
    said_at = time.monotonic()

    def say(done: int, total: int) -> None:
        nonlocal said_at
        if time.monotonic() - said_at >= LINE_SECONDS:
            said_at = time.monotonic()
            click.echo(f"{label}: {done:,} of {total:,}", err=True)

    return say

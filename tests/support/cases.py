"""Many cases in one test: each runs, and those that fail are named."""

from collections.abc import Iterator
from contextlib import contextmanager


class Cases:
    """In place of pytest's subtests, which write a report of each case that passes: more work than most cases."""

    def __init__(self) -> None:
        self._failures: dict[str, Exception] = {}

    @contextmanager
    def test(self, name: str) -> Iterator[None]:
        """Run a case; keep its exception with its name."""
        try:
            yield
        except Exception as failure:
            self._failures[f"{len(self._failures) + 1}. {name}"] = failure

    def raise_failures(self) -> None:
        """Raise an AssertionError that names the cases that failed, if there are any; its cause is the first."""
        if self._failures:
            said = [f"{name}: {type(failure).__name__}: {failure}" for name, failure in self._failures.items()]
            raise AssertionError("\n".join(["Cases failed:", *said])) from next(iter(self._failures.values()))

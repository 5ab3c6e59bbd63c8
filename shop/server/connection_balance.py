"""Connection counts of a server's processes, so that they share connections evenly.

Without it one process may hold all connections: 760 to 2,850 requests a second, against 2,590 to 2,860 with it
(``docs/decisions/slow-clients.md``).
"""

from mmap import mmap


class ConnectionCounts:
    """Connection counts in memory that all processes share. Created before they are forked."""

    PLACES = 64
    NOBODY = 2**30

    def __init__(self) -> None:
        self._counts = memoryview(mmap(-1, 4 * self.PLACES)).cast("i")
        for place in range(self.PLACES):
            self._counts[place] = self.NOBODY

    def note(self, age: int, count: int) -> None:
        """Set the count of the process with this ``age`` (gunicorn's number of a worker)."""
        self._counts[age % self.PLACES] = count

    def forget(self, age: int) -> None:
        """Remove a process that has ended."""
        self._counts[age % self.PLACES] = self.NOBODY

    def lowest_of_others(self, age: int) -> int:
        """Return the lowest connection count among the other workers, or ``NOBODY`` if there is none."""
        return min(count for place, count in enumerate(self._counts) if place != age % self.PLACES)


connection_counts = ConnectionCounts()

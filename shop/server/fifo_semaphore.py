"""A semaphore that serves waiting threads in the order in which they asked."""

import threading
from collections import deque
from types import TracebackType


class FifoSemaphore:
    """Like ``threading.Semaphore``, but threads are served in the order in which they asked.

    At most ``most_waiting`` threads wait; None for no limit.
    """

    def __init__(self, value: int, most_waiting: int | None = None) -> None:
        self._guard = threading.Lock()
        self._free = value
        self._most_waiting = most_waiting
        self._waiting: deque[threading.Lock] = deque()

    def acquire(self, timeout: float = -1) -> bool:
        """Take a slot, waiting up to ``timeout`` seconds (-1: without limit). Return whether one was taken.

        Return False at once if too many wait already.
        """
        with self._guard:
            if self._free > 0:
                self._free -= 1
                return True
            is_full = self._most_waiting is not None and len(self._waiting) >= self._most_waiting
            if timeout == 0 or is_full:
                return False
            granted = threading.Lock()
            granted.acquire()
            self._waiting.append(granted)
        if granted.acquire(timeout=timeout):
            return True
        with self._guard:  # the slot may have been granted just after the time was over
            if granted in self._waiting:
                self._waiting.remove(granted)
                return False
        return True

    def release(self) -> None:
        """Give the slot to the thread that has waited longest."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

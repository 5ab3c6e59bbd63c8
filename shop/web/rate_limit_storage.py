"""Where one process counts requests when there is no Redis."""

import time
from typing import Any, Final

from limits.storage import MemoryStorage

TIDY_SECONDS: Final = 1.0


class ProcessStorage(MemoryStorage):
    """``process://``: the library's counters in memory, tidied up by a request once a second at most.

    The library's own starts a thread for nearly every request and lets it look at all counters, which cost a request
    more than its statements did.
    """

    STORAGE_SCHEME = ["process"]

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: Any) -> None:
        self._tidy_at = time.monotonic() + TIDY_SECONDS
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)

    def _MemoryStorage__schedule_expiry(self) -> None:
        """Called by the library with every count."""
        now = time.monotonic()
        if now >= self._tidy_at:
            self._tidy_at = now + TIDY_SECONDS
            self._MemoryStorage__expire_events()  # type: ignore[attr-defined]

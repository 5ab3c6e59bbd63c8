"""A progress bar on standard error: one line that is overwritten, or occasional lines in a file."""

import sys
import time

WIDTH = 30


class ProgressBar:
    """Shows how much of ``total`` is done, the speed and the remaining time."""

    def __init__(self, label: str, total: int, unit: str) -> None:
        self._label, self._total, self._unit = label, max(total, 1), unit
        self._began = time.monotonic()
        self._live = sys.stderr.isatty()
        self._said = -1

    def show(self, done: int) -> None:
        """Show how much is done."""
        seconds = time.monotonic() - self._began
        speed = done / seconds if seconds > 0 else 0.0
        left = (self._total - done) / speed if speed else 0.0
        text = f"{self._label} {done:,}/{self._total:,} {self._unit}, {speed:,.0f} a second, {left:,.0f} s left"
        if self._live:
            full = WIDTH * done // self._total
            sys.stderr.write(f"\r[{'█' * full}{'·' * (WIDTH - full)}] {text}\x1b[K")
        elif done * 10 // self._total > self._said:
            self._said = done * 10 // self._total
            sys.stderr.write(f"{text}\n")
        sys.stderr.flush()

    def end(self) -> None:
        """End the line."""
        if self._live:
            sys.stderr.write("\n")

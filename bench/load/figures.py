"""The rows of the table, and whether each reached its goal."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from bench.load.drive import Run

HEAD = (
    "", "requests a second", "limit by hand", "ratio", "p95, ms", "p99, ms", "limit's p99", "slowest, ms",
    "processor, ms a request: ours / limit", "to reach", "",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal: a share of the limit, percentiles and the slowest in milliseconds."""

    ratio: float | None = None
    p99_ratio: float | None = None
    p95: float | None = None
    slowest: float | None = None
    rate: float | None = None

    def __str__(self) -> str:
        parts = {
            "≥ {:g} of the limit": self.ratio,
            "p99 ≤ {:g} × the limit's": self.p99_ratio,
            "p95 ≤ {:g} ms": self.p95,
            "slowest < {:g} ms": self.slowest,
            "≥ {:,.0f} a second": self.rate,
        }
        return ", ".join(words.format(value) for words, value in parts.items() if value is not None)


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of the table as texts; ``reached`` is None without a goal."""

    words: str
    rate: str = ""
    limit: str = ""
    ratio: str = ""
    p95: str = ""
    p99: str = ""
    limit_p99: str = ""
    slowest: str = ""
    cpu: str = ""
    goal: str = ""
    reached: bool | None = None

    def __str__(self) -> str:
        said = {None: "", True: "reached", False: "**missed**"}[self.reached]
        cells = [
            self.words, self.rate, self.limit, self.ratio, self.p95, self.p99, self.limit_p99, self.slowest, self.cpu,
            self.goal, said,
        ]  # fmt: skip
        return f"| {' | '.join(cells)} |"


def compare(words: str, mine: Sequence[Run], limit: Sequence[Run], goal: Goal | None) -> TableRow:
    """Return a row about runs and the reference's runs, which alternated."""
    failed = sum(run.refused + run.broken for run in [*mine, *limit])
    ratios = [one.rate / other.rate for one, other in zip(mine, limit, strict=False) if other.rate]
    ratio = statistics.median(ratios) if ratios else 0.0
    p95, p99, slowest = _middle(mine, "p95"), _middle(mine, "p99"), max(run.most for run in mine)
    held = goal and [
        not failed,
        goal.ratio is None or ratio >= goal.ratio,
        goal.p99_ratio is None or p99 <= goal.p99_ratio * _middle(limit, "p99"),
        goal.p95 is None or p95 <= goal.p95,
        goal.slowest is None or slowest < goal.slowest,
        goal.rate is None or _middle(mine, "rate") >= goal.rate,
    ]
    return TableRow(
        words + (f" ({failed} refused)" if failed else ""),
        rate=spread([run.rate for run in mine]),
        limit=spread([run.rate for run in limit]) if limit else "",
        ratio=spread(ratios, 2) if limit else "",
        p95=spread([run.p95 for run in mine]),
        p99=spread([run.p99 for run in mine]),
        limit_p99=f"{_middle(limit, 'p99'):.1f}" if limit else "",
        slowest=f"{slowest:,.0f}",
        cpu=f"{_middle(mine, 'cpu'):.2f}" + (f" / {_middle(limit, 'cpu'):.2f}" if limit else ""),
        goal=str(goal or ""),
        reached=all(held) if held else None,
    )


def _middle(runs: Sequence[Run], name: str) -> float:
    return statistics.median(getattr(run, name) for run in runs)


def spread(values: Sequence[float], digits: int | None = None) -> str:
    """Return the median with minimum and maximum: ``488 (400–543)``."""
    middle = statistics.median(values)
    if digits is None:
        digits = 0 if middle >= 100 else 1
    whole = f"{middle:,.{digits}f}"
    return whole if len(values) == 1 else f"{whole} ({min(values):,.{digits}f}–{max(values):,.{digits}f})"


def share_below(values: Sequence[float], share: float) -> float:
    """Return a percentile: ``share`` is ``0.95`` for the 95th."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(round(share * len(ordered), 6)) - 1)]

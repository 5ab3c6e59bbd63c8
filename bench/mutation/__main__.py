"""``python -m bench.mutation [module …]``: change one thing at a time and list the changes that no test detects.

Tests run on SQLite, in a process of their own for each mutant; files are not touched. Exits non-zero if any survived.
"""

import argparse
import importlib.abc
import importlib.machinery
import importlib.util
import io
import os
import signal
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from time import monotonic
from types import ModuleType
from typing import Any, Final

import pytest

from bench.mutation.mutants import Mutant, mutants_of
from bench.mutation.targets import TARGETS

LONGER: Final = 5
"""A mutant that makes tests run that many times as long is noticed."""
LONGEST: Final = 600


class _MutantLoader(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from another source."""

    def __init__(self, name: str, path: str, source: str) -> None:
        self._name, self._path, self._source = name, path, source

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        """Return the spec of the changed module."""
        return importlib.util.spec_from_loader(fullname, self) if fullname == self._name else None

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed source."""
        exec(compile(self._source, self._path, "exec"), module.__dict__)  # noqa: S102


def _passes(path: str, source: str, tests: tuple[str, ...], seconds: int = LONGEST) -> bool:
    """Return whether the tests pass with another source, in a child process that has not imported the shop yet."""
    child = os.fork()
    if child == 0:
        signal.alarm(seconds)
        name = path.removesuffix(".py").replace("/", ".")
        sys.meta_path.insert(0, _MutantLoader(name, path, source))
        options = ["-x", "-q", "-p", "no:cacheprovider", "--hypothesis-seed=0", "-k", "not postgresql"]
        if all(test.startswith("tests/domain/") for test in tests):
            options.append("--noconftest")
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            code = pytest.main([*options, *tests])
        os._exit(int(code))
    _, status = os.waitpid(child, 0)
    return status == 0


def _run(path: str, tests: tuple[str, ...]) -> tuple[int, list[Mutant]]:
    source = Path(path).read_text()
    there = tuple(test for test in tests if Path(test).exists())
    start = monotonic()
    if not _passes(path, source, there):
        raise SystemExit(f"The tests of {path} fail without any change: {' '.join(there)}")
    seconds = max(10, int(LONGER * (monotonic() - start)))
    mutants, survived = list(mutants_of(source)), []
    for number, mutant in enumerate(mutants, 1):
        noticed = not _passes(path, mutant.source, there, seconds)
        print(
            f"{path}:{mutant.line} {number}/{len(mutants)} {'noticed' if noticed else 'SURVIVED'}: {mutant.what}",
            flush=True,
        )
        if not noticed:
            survived.append(mutant)
    return len(mutants), survived


def main() -> int:
    """Run the mutants of the modules named, or of all, and print what survived."""
    parser = argparse.ArgumentParser(prog="bench.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", help=f"files, by default all of: {', '.join(TARGETS)}")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # most of a run's time; only Hypothesis is needed
    os.environ["PYTEST_PLUGINS"] = "_hypothesis_pytestplugin"
    wanted = parser.parse_args().modules or list(TARGETS)
    results = {path: _run(path, TARGETS[path]) for path in wanted}
    print()
    for path, (count, survived) in results.items():
        share = 100 * (count - len(survived)) // count if count else 100
        print(f"{path}: {count - len(survived)} of {count} noticed ({share} %)")
        for mutant in survived:
            print(f"    line {mutant.line}: {mutant.what}")
    return 1 if any(survived for _, survived in results.values()) else 0


if __name__ == "__main__":
    sys.exit(main())

"""Break each guarantee once and check that its test fails: ``python scripts/break_promises.py [WORD …] [--write]``.

Takes minutes. Each break is a small change to one file in a copy of the project; the test named with it must fail
there. ``--write`` updates the table in docs/promises.md. Exits with 1 if a test passes or a break does not fit.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from breaks import BREAKS, Break

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "promises.md"
BEGIN, END = "<!-- broken on purpose: made by scripts/break_promises.py -->", "<!-- end -->"
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "instance", "screens", "__pycache__", ".*_cache", ".hypothesis")
LONGEST = 300
FAILED = 1
"""pytest's exit status when tests ran and some failed; any other shows nothing."""


def main() -> int:
    """Make each break, run its test, print the result; return 1 if a test passed."""
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    chosen = [each for each in BREAKS if not words or any(word in f"{each.promise} {each.what}" for word in words)]
    noticed = []
    with tempfile.TemporaryDirectory(prefix="tuza-broken-") as folder:
        copy = Path(folder) / "tuza"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        for each in chosen:
            said = notice(copy, each)
            noticed += [each] * (said == "noticed")
            print(f"{said:10} {each.promise}: {each.what} — {each.test}", flush=True)
    if "--write" in sys.argv and noticed == chosen:
        keep(chosen)
    return int(noticed != chosen)


def notice(copy: Path, each: Break) -> str:
    """Return the result of the test on the broken copy, as a word."""
    file = copy / each.file
    whole = file.read_text()
    if each.old not in whole:
        return "NO FIT"
    file.write_text(whole.replace(each.old, each.new))
    try:
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
        command += ["--hypothesis-profile=unshrunk", each.test]  # a failure is enough, it need not be the smallest
        done = subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=LONGEST, check=False)
    except subprocess.TimeoutExpired:
        return "TOO LONG"
    finally:
        file.write_text(whole)
    return "noticed" if done.returncode == FAILED else "UNNOTICED"


def keep(breaks: list[Break]) -> None:
    """Write the table into the page; earlier results of unchanged breaks stay."""
    rows = ["| promise | what was broken | in | noticed by |", "| --- | --- | --- | --- |"]
    before, rest = PAGE.read_text().split(BEGIN)
    kept = rest.split(END)[0].splitlines()
    for each in BREAKS:
        row = f"| {each.promise} | {each.what} | `{each.file}` | `{each.test}` |"
        rows += [row] * (each in breaks or row in kept)
    PAGE.write_text("\n".join([before + BEGIN, "", *rows, "", END + rest.split(END)[1]]))


if __name__ == "__main__":
    raise SystemExit(main())

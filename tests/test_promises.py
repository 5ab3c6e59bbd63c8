"""The breaks of ``scripts/break_promises.py`` fit the code, and docs/promises.md lists no others."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))
from break_promises import BEGIN, END  # noqa: E402
from breaks import BREAKS, Break  # noqa: E402


@pytest.mark.parametrize("each", BREAKS, ids=lambda each: each.what)
def test_a_break_fits_the_code_and_names_a_test(each: Break) -> None:
    assert each.old in (ROOT / each.file).read_text()
    file, _, name = each.test.partition("::")
    assert f"def {name.partition('[')[0]}" in (ROOT / file).read_text()


def test_the_page_lists_breaks_as_they_are() -> None:
    section = (ROOT / "docs/promises.md").read_text().split(BEGIN)[1].split(END)[0]
    listed = [row for row in section.splitlines() if row.startswith("| ")][2:]
    rows = {f"| {each.promise} | {each.what} | `{each.file}` | `{each.test}` |" for each in BREAKS}
    assert listed
    assert set(listed) <= rows

"""The breaks of ``scripts/break_promises.py`` fit the code, and docs/promises.md lists them."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))
from breaks import BREAKS, Break  # noqa: E402


@pytest.mark.parametrize("each", BREAKS, ids=lambda each: each.what)
def test_a_break_fits_the_code_and_names_a_test(each: Break) -> None:
    assert each.old in (ROOT / each.file).read_text()
    file, _, name = each.test.partition("::")
    assert f"def {name.partition('[')[0]}" in (ROOT / file).read_text()


def test_the_page_lists_every_break() -> None:
    page = (ROOT / "docs/promises.md").read_text()
    rows = [f"| {each.promise} | {each.what} | `{each.file}` | `{each.test}` |" for each in BREAKS]
    assert [row for row in rows if row not in page] == []

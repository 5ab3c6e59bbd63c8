"""Documentation names only what exists."""

import re
from collections import Counter

import pytest

from shop.config import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
DECISIONS = sorted(path for path in (ROOT / "docs/decisions").glob("*.md") if path.name != "README.md")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)|src=\"(docs/[^\"]+)\"")
NAMED = re.compile(r"`((?:shop|templates|static|migrations|tests|scripts|docs|examples)/[\w./-]*)`")


def name_of(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("document", PAGES, ids=name_of)
def test_every_link_leads_to_a_file(document):
    targets = [first or second for first, second in LINK.findall(document.read_text())]
    assert [target for target in targets if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", PAGES, ids=name_of)
def test_every_named_file_exists(document):
    names = NAMED.findall(document.read_text())
    assert [name for name in names if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("document", DECISIONS, ids=name_of)
def test_every_decision_has_status_context_decision_and_consequences(document):
    text = document.read_text()
    assert re.search(r"^\*\*Status:\*\* \w+, \d{4}-\d\d-\d\d\.$", text, re.MULTILINE)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]


def test_every_contract_reference_in_code_leads_to_a_page():
    sources = [path for folder in ("shop", "tests") for path in (ROOT / folder).rglob("*.py")]
    named = {name for path in sources for name in re.findall(r"contract/([\w-]+\.(?:md|txt))", path.read_text())}
    assert named
    assert [name for name in named if not (ROOT / "docs/contract" / name).is_file()] == []


ASVS = dict(enumerate((27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7), start=1))
"""How many requirements of levels 1 and 2 each chapter of ASVS 5.0.0 has."""


def test_each_asvs_requirement_has_one_row_and_the_sums_are_right():
    text = (ROOT / "docs/asvs.md").read_text()
    rows = re.findall(r"^\| ([\d., ]+) \| ([a-z ]+) \|", text, re.MULTILINE)
    states = {number: state for numbers, state in rows for number in numbers.split(", ")}
    assert len(states) == sum(len(numbers.split(", ")) for numbers, _state in rows)
    assert Counter(int(number.partition(".")[0]) for number in states) == ASVS
    sums = re.findall(r"(\d+) ([a-z ]+)(?=[,.])", text.partition("|")[0])
    assert Counter(states.values()) == {state: int(count) for count, state in sums}

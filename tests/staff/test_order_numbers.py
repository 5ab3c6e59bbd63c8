"""Order numbers contain hyphens: their links do not break into two lines on a phone."""

import re
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "staff"
LINK = re.compile(r"<a\b[^>]*>\s*\{\{ [\w.]*order_number \}\}\s*</a>")


def test_the_links_of_order_numbers_do_not_break():
    found = [link for path in TEMPLATES.rglob("*.html") for link in LINK.findall(path.read_text())]
    assert len(found) > 8
    assert [link for link in found if "text-nowrap" not in link and "clip" not in link] == []

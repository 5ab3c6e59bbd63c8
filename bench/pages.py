"""Tables that benchmarks write into the documentation, each between markers with its name."""

from pathlib import Path


def marks(name: str) -> tuple[str, str]:
    """Return the markers around a table."""
    return f"<!-- {name}: begin -->", f"<!-- {name}: end -->"


def put(page: Path, name: str, table: str) -> None:
    """Replace a table on a page, or append it."""
    begin, end = marks(name)
    text = page.read_text()
    if begin not in text:
        text = f"{text.rstrip()}\n\n{begin}\n{end}\n"
    before, rest = text.split(begin, 1)
    page.write_text(f"{before}{begin}\n{table}\n{end}{rest.split(end, 1)[1]}")

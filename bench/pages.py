"""Tables that benches put into the documentation by themselves, each between marks that hold its name."""

from pathlib import Path


def marks(name: str) -> tuple[str, str]:
    """Where a table begins and ends."""
    return f"<!-- {name}: begin -->", f"<!-- {name}: end -->"


def put(page: Path, name: str, table: str) -> None:
    """Put a table into its place on a page, or a new place at its end."""
    begin, end = marks(name)
    text = page.read_text()
    if begin not in text:
        text = f"{text.rstrip()}\n\n{begin}\n{end}\n"
    before, rest = text.split(begin, 1)
    page.write_text(f"{before}{begin}\n{table}\n{end}{rest.split(end, 1)[1]}")

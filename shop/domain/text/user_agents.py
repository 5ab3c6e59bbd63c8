"""The browser and system in a User-Agent header, for people to recognise their sessions."""

import re
from typing import Final

BROWSERS: Final = (  # the first match counts: most browsers also name the browsers they are compatible with
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Safari", r"Safari/"),
)
SYSTEMS: Final = (
    ("Android", r"Android"),
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux"),
)


def describe_user_agent(header: str) -> tuple[str, str]:
    """Return the names of browser and system, such as ``("Chrome", "Android")``; "" for an unknown one."""
    return _first(BROWSERS, header), _first(SYSTEMS, header)


def _first(names: tuple[tuple[str, str], ...], header: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, header)), "")

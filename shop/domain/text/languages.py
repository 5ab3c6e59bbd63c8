"""The languages of the pages and mails; each except English has a catalogue in ``shop/translations``."""

from collections.abc import Mapping

ENGLISH = "en"
LANGUAGES: Mapping[str, str] = {ENGLISH: "English", "sw": "Kiswahili"}
"""Each language's name in itself, by its code (ISO 639)."""

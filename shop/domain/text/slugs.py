"""Slugs for URLs."""

import re
import unicodedata

from shop.domain.text.messages import N_

NO_SLUG = N_("must contain a letter from a to z or a digit")


def slugify(text: str, longest: int) -> str:
    """Return ``"Maziwa ya Mala 500 ml"`` as ``"maziwa-ya-mala-500-ml"``; nothing of a text without Latin letters."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:longest].rstrip("-")

"""Slugs for URLs."""

import re
import unicodedata


def slugify(text: str) -> str:
    """Return ``"Maziwa ya Mala 500 ml"`` as ``"maziwa-ya-mala-500-ml"``; ``"item"`` if nothing is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "item"

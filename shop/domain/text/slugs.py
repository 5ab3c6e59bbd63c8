"""Words made fit for a URL."""

import re
import unicodedata


def slugify(text: str) -> str:
    """``"Maziwa ya Mala 500 ml"`` → ``"maziwa-ya-mala-500-ml"``; ``"item"`` when nothing is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "item"

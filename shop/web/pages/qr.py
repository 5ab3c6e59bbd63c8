"""QR codes as inline SVG."""

import segno
from markupsafe import Markup


def qr_svg(text: str, *, border: int = 2) -> Markup:
    """Return a QR code that fills its box; ``border`` is its margin in modules."""
    svg = segno.make(text, error="m", micro=False).svg_inline(border=border, dark="#000", omitsize=True)
    return Markup(svg)  # noqa: S704 (segno's own SVG)

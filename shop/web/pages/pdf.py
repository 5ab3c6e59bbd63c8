"""Pages as PDF (``docs/decisions/documents.md``)."""

import re
from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any, Final

from flask import Response

from shop.config import RESOURCES
from shop.services.errors import Unavailable
from shop.services.images.files import read_file

BASE: Final = "http://documents.invalid"
PICTURE: Final = re.compile(rf"{BASE}/media/([0-9a-f]{{64}})/([1-9][0-9]{{0,2}}\.png)", re.ASCII)
LONGEST_ROLL: Final = 5_000
"""The length of a page of a roll, in mm."""
BELOW: Final = 24
"""Pixels of paper below a receipt."""
STYLES = RESOURCES / "static" / "css" / "documents.css"


def pdf_response(html: str, name: str, *, roll: str = "") -> Response:
    """Return a page as a PDF file that opens in the browser. Raises Unavailable where Pango is not installed.

    ``roll`` is the width of a receipt's paper in mm, which ends below its element ``end``.
    """
    try:
        from PIL import ImageFile
        from weasyprint import CSS, HTML  # a slow import that needs a library not installed everywhere

        ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint sets it for the whole process, uploads included
    except OSError:
        raise Unavailable("PDF files need the Pango library on the server. Print the page instead.") from None
    document, styles = HTML(string=html, base_url=BASE, url_fetcher=_fetch), [CSS(filename=STYLES)]
    if roll:
        longest = CSS(string=f"@page roll{roll} {{ size: {roll}mm {LONGEST_ROLL}mm }}")
        height = roll_height(document.render(stylesheets=[*styles, longest]).pages)
        styles.append(CSS(string=f"@page roll{roll} {{ size: {roll}mm {height}px }}"))
    content = document.write_pdf(stylesheets=styles)
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"'}
    return Response(content, mimetype="application/pdf", headers=headers)


def roll_height(pages: Sequence[Any]) -> int:
    """Return the height of a receipt's paper, in pixels: to the element ``end``, or of a page if there are several."""
    anchors: Mapping[str, tuple[float, float]] = pages[0].anchors
    return ceil(anchors["end"][1]) + BELOW if "end" in anchors else ceil(float(pages[0].height))


def _fetch(url: str, *_args: Any, **_options: Any) -> dict[str, Any]:
    """Return a stored picture. Refuse all else: a document loads nothing from elsewhere."""
    found = PICTURE.fullmatch(url)
    data = read_file(found[1], found[2]) if found else None
    if data is None:
        raise ValueError(f"documents load nothing: {url[:100]}")
    return {"string": data, "mime_type": "image/png"}

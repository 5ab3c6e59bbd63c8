"""Pages as PDF (``docs/decisions/documents.md``)."""

from typing import Any

from flask import Response

from shop.config import RESOURCES
from shop.services.errors import Unavailable

STYLES = RESOURCES / "static" / "css" / "documents.css"


def pdf_response(html: str, name: str) -> Response:
    """Return a page as a PDF file that opens in the browser. Raises Unavailable where Pango is not installed."""
    try:
        from weasyprint import CSS, HTML  # a slow import that needs a library not installed everywhere
    except OSError:
        raise Unavailable("PDF files need the Pango library on the server. Print the page instead.") from None
    content = HTML(string=html, url_fetcher=_refuse).write_pdf(stylesheets=[CSS(filename=STYLES)])
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"'}
    return Response(content, mimetype="application/pdf", headers=headers)


def _refuse(url: str, *_args: Any, **_options: Any) -> dict[str, Any]:
    """Refuse all requests: a document contains everything it needs."""
    raise ValueError(f"documents load nothing: {url[:100]}")

"""Picture files of products, and logos. Their URLs contain a digest of the picture, so they never change."""

import re
from typing import Final

from flask import Blueprint, Response, abort, request

from shop.services.images.files import read_file
from shop.web.http.static_versioning import FOR_A_YEAR

blueprint = Blueprint("media", __name__)
DIGEST: Final = re.compile("[0-9a-f]{64}", re.ASCII)
FILE: Final = re.compile(r"[1-9][0-9]{0,3}\.(?:webp|avif|png)", re.ASCII)


@blueprint.get("/media/<string:digest>/<string:name>")
def product_picture(digest: str, name: str) -> Response:
    """Send a picture of a product, or a logo, in one width and format."""
    data = read_file(digest, name) if DIGEST.fullmatch(digest) and FILE.fullmatch(name) else None
    if data is None:
        abort(404)
    response = Response(data, mimetype=f"image/{name.rpartition('.')[2]}")
    response.headers["Cache-Control"] = FOR_A_YEAR
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.set_etag(f"{digest[:32]}-{name}")
    return response.make_conditional(request)  # type: ignore[return-value]

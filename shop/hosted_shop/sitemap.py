"""The sitemap of the hosted shop (https://www.sitemaps.org/protocol.html)."""

from flask import Response, render_template, request, url_for

from shop.hosted_shop import blueprint
from shop.services.catalogue.products.for_sale import PER_SITEMAP, count_sitemaps, list_slugs


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """Return the product URLs; for a large shop an index of several files."""
    part, files = request.args.get("part", type=int), count_sitemaps()
    if part is None and files > 1:
        parts = [url_for("hosted_shop.sitemap", part=number, _external=True) for number in range(files)]
        return _xml(render_template("hosted_shop/sitemap_index.xml", addresses=parts))
    slugs = list_slugs(offset=max(0, min(part or 0, files)) * PER_SITEMAP)
    addresses = [
        (url_for("hosted_shop.product_show", slug=slug, _external=True), changed.date()) for slug, changed in slugs
    ]
    home = url_for("hosted_shop.catalogue", _external=True)
    return _xml(render_template("hosted_shop/sitemap.xml", home=home if not part else None, addresses=addresses))


def _xml(text: str) -> Response:
    return Response(text, mimetype="application/xml")

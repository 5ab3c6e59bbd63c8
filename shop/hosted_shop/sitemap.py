"""The sitemap of the hosted shop (https://www.sitemaps.org/protocol.html)."""

from flask import Response, render_template, request, url_for

from shop.hosted_shop import blueprint
from shop.services.catalogue.products import PER_SITEMAP, count_sitemaps, list_slugs


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """The addresses of products; above 50,000 an index of files of so many."""
    part = request.args.get("part", type=int)
    if part is None and count_sitemaps() > 1:
        parts = [url_for("hosted_shop.sitemap", part=number, _external=True) for number in range(count_sitemaps())]
        return _xml(render_template("hosted_shop/sitemap_index.xml", addresses=parts))
    slugs = list_slugs(offset=min(part or 0, 1_000) * PER_SITEMAP)
    addresses = [
        (url_for("hosted_shop.product_show", slug=slug, _external=True), changed.date()) for slug, changed in slugs
    ]
    home = url_for("hosted_shop.catalogue", _external=True)
    return _xml(render_template("hosted_shop/sitemap.xml", home=home if not part else None, addresses=addresses))


def _xml(text: str) -> Response:
    return Response(text, mimetype="application/xml")

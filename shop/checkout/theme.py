"""The shop's colour as a stylesheet: the page's policy allows no inline style."""

from flask import Response

from shop.checkout import blueprint
from shop.checkout.colors import Rgb, format_color, mix, parse_color, readable
from shop.domain.settings import SETTINGS
from shop.services.shops.settings import get_settings

BLACK, WHITE, NIGHT = (0, 0, 0), (255, 255, 255), (29, 26, 23)
GRAPHIC = 3.0
"""The minimum contrast of a focus ring or a slider."""


@blueprint.get("/<string:shop>/theme.css")
def checkout_theme(shop: str) -> Response:
    """Return the tokens of ``checkout.css`` that depend on the shop's colour, with readable text on it."""
    chosen = get_settings().values["brand_color"]
    if chosen == SETTINGS["brand_color"].default:
        return Response("/* the shop has no colour of its own */\n", mimetype="text/css")
    color = parse_color(chosen)
    light, dark = _tokens(color, WHITE, BLACK), _tokens(color, NIGHT, WHITE)
    css = (
        f":root {{{light}}}\n"
        f'@media (prefers-color-scheme: dark) {{ :root:not([data-theme="light"]) {{{dark}}} }}\n'
        f':root[data-theme="dark"] {{{dark}}}\n'
    )
    return Response(css, mimetype="text/css")


def _tokens(color: Rgb, paper: Rgb, toward: Rgb) -> str:
    tint = mix(color, paper, 10)
    tokens = {
        "accent": readable(color, paper, toward, GRAPHIC),
        "accent-tint": tint,
        "accent-line": mix(color, paper, 35),
        "accent-ink": readable(color, tint, toward),
        "focus": readable(color, tint, toward, GRAPHIC),
    }
    return " ".join(f"--{name}: {format_color(value)};" for name, value in tokens.items())

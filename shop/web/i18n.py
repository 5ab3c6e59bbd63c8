"""The words of the pages: English now, every one through gettext, so that another language is one catalogue away."""

from flask import Flask
from flask_babel import Babel, get_locale

babel = Babel()
LANGUAGES = ("en",)


def init_app(app: Flask) -> None:
    """Let templates say ``_("…")``; catalogues live in ``translations/`` beside ``templates/``."""
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", "translations")
    babel.init_app(app, locale_selector=lambda: LANGUAGES[0])
    app.jinja_env.globals["get_locale"] = get_locale

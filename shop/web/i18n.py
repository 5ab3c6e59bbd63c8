"""The language of a request, and the translation of messages that services return or raise."""

from typing import Any

from flask import Flask
from flask_babel import Babel, get_locale, gettext

from shop.domain import messages

babel = Babel()
LANGUAGES = ("en",)


def init_app(app: Flask) -> None:
    """Set up gettext in templates. Catalogues are in ``translations/`` beside ``templates/``.

    A ``Message`` that a template prints, such as an error of a form, is translated then.
    """
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", "translations")
    babel.init_app(app, locale_selector=lambda: LANGUAGES[0])
    app.jinja_env.globals["get_locale"] = get_locale
    app.jinja_env.finalize = translate


def translate(value: Any) -> Any:
    """Return a message in the request's language, and any other value as it is."""
    return messages.translate(value, gettext)


def sentence_case(message: str) -> str:
    """Return a field's message in the request's language with a capital first letter."""
    text: str = translate(message)
    return text[:1].upper() + text[1:]

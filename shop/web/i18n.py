"""The language of a request, and the translation of messages that services return or raise."""

from typing import Any

from flask import Flask, Response, g, has_request_context, request
from flask_babel import Babel, get_locale, gettext, refresh

from shop.config import TRANSLATIONS
from shop.domain.text import messages
from shop.domain.text.languages import ENGLISH, LANGUAGES
from shop.web.http.vary import vary_on


def init_app(app: Flask) -> None:
    """Set up gettext in templates, where a ``Translatable`` is translated when it is printed."""
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(TRANSLATIONS))
    Babel(app, locale_selector=select_language)
    app.jinja_env.globals.update(get_locale=get_locale, LANGUAGES=LANGUAGES)
    app.jinja_env.finalize = translate
    app.after_request(_name_language)


def select_language() -> str:
    """Return the language of the request.

    In this order: ``?lang=``, the signed-in member's own, the browser's, English. On pages for customers the shop's
    language replaces English, even if the browser asks for English: most browsers do by default.
    """
    if not has_request_context():
        return ENGLISH
    chosen = asked_language() or g.get("member_language") or ""
    if chosen in LANGUAGES:
        return str(chosen)
    browser = _browser_language()
    return g.get("customer_language", ENGLISH) if browser == ENGLISH else browser


def _browser_language() -> str:
    """Return the first of the browser's languages that has a catalogue, by its primary tag: ``sw-KE`` is Swahili."""
    if "HTTP_ACCEPT_LANGUAGE" not in request.environ:
        return ENGLISH
    tags = (tag.partition("-")[0].lower() for tag, quality in request.accept_languages if quality > 0)
    return next((tag for tag in tags if tag in LANGUAGES), ENGLISH)


def asked_language() -> str | None:
    """Return the language in the request's URL; None if missing or unknown."""
    if not request.environ.get("QUERY_STRING"):  # creating request.args is slow
        return None
    asked = request.args.get("lang")
    return asked if asked in LANGUAGES else None


def use_member_language(language: str | None) -> None:
    """Use the signed-in member's language; None follows the browser."""
    g.member_language = language
    refresh()


def use_customer_language(language: str) -> None:
    """Use the shop's language for customers, unless the browser asks for one other than English."""
    g.customer_language = language
    refresh()


def _name_language(response: Response) -> Response:
    """Set ``Content-Language`` and ``Vary`` on API responses."""
    if request.endpoint == "static":
        return response
    if request.path.startswith("/api/") and "Content-Language" not in response.headers:
        response.headers.add("Content-Language", select_language())
    vary_on(response, "Accept-Language")
    return response


def translate(value: Any) -> Any:
    """Return a message in the request's language, and any other value as it is."""
    return messages.translate(value, gettext)


def sentence_case(message: str) -> str:
    """Return a field's message in the request's language with a capital first letter."""
    text: str = translate(message)
    return text[:1].upper() + text[1:]

"""The shop's own short texts: edited with a preview and their number of segments. For owners."""

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from shop.domain.text.languages import LANGUAGES
from shop.domain.text.sms import measure
from shop.services.errors import InvalidInput
from shop.services.messaging.short_texts import SHORT_TEXTS, default_text, fill, find_own_text, save_text
from shop.staff import blueprint
from shop.staff.permissions import requires
from shop.staff.session import signed_in
from shop.web.i18n import sentence_case
from shop.web.pages.formats import shop_settings
from shop.web.pages.htmx import redirect_with_message

LONGEST = 2000


@blueprint.get("/settings/messages/texts")
@requires("messages.manage")
def message_text_list() -> str:
    """List the texts in one language, each with a sample and its segments."""
    language = _language()
    rows = []
    for kind, text in SHORT_TEXTS.items():
        own = find_own_text(kind, language)
        sample = fill(own or default_text(kind, language), text.sample)
        rows.append((kind, text, sample, measure(sample), own is not None))
    return render_template("staff/messages/texts.html", rows=rows, language=language, languages=LANGUAGES)


@blueprint.get("/settings/messages/texts/<kind>")
@requires("messages.manage")
def message_text_show(kind: str) -> str:
    """Show the form of a text."""
    default = default_text(kind, _language())
    return _form(kind, find_own_text(kind, _language()) or default)


@blueprint.post("/settings/messages/texts/<kind>")
@requires("messages.manage")
def message_text_save(kind: str) -> Response | str | tuple[str, int]:
    """Save a text, show its preview, or go back to the default."""
    body, language = request.form.get("body", "").replace("\0", "")[:LONGEST], _language()
    default = default_text(kind, language)
    if not FlaskForm().validate():
        return _form(kind, body), 422
    if "preview" in request.form:
        return _form(kind, body)
    if "reset" in request.form or " ".join(body.split()) == default:
        body = ""
    try:
        save_text(kind, language, body, signed_in().member.actor)
    except InvalidInput as refused:
        return _form(kind, body, sentence_case(refused.errors[0].message)), 422
    return redirect_with_message(url_for("staff.message_text_list", language=language), _("Saved."))


def _form(kind: str, body: str, wrong: str = "") -> str:
    text, language = SHORT_TEXTS[kind], _language()
    sample = fill(body, text.sample)
    return render_template(
        "staff/messages/text.html",
        kind=kind,
        text=text,
        body=body,
        sample=sample,
        length=measure(sample),
        is_own=find_own_text(kind, language) is not None,
        language=language,
        languages=LANGUAGES,
        wrong=wrong,
    )


def _language() -> str:
    given = request.values.get("language", "")
    return given if given in LANGUAGES else shop_settings().values["customer_language"]

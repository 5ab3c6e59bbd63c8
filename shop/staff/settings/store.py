"""The store's settings, the test mail, and the audit log. For managers."""

from collections.abc import Mapping

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.wrappers import Response

from shop.domain.formats import format_price, group_digits
from shop.domain.money import minor_units
from shop.queries.settings_effects import summarize_prices
from shop.services.approvals.requests import make_or_request, request_settings
from shop.services.audit_log import list_audit
from shop.services.errors import Conflict, InvalidInput, NotAllowed
from shop.services.images.logo import KEY
from shop.services.messaging.mails.test_mail import mail_state, send_trial
from shop.services.shops.settings import change_settings, clean_settings, get_settings, has_amounts
from shop.services.shops.shops import current_slug
from shop.services.staff.members import list_members
from shop.staff import blueprint
from shop.staff.edit_conflicts import changed_meanwhile, is_changed, read_seen, write_seen
from shop.staff.large_changes import ask_to_confirm, sent_for_approval
from shop.staff.permissions import requires
from shop.staff.personal_reads import shows_personal_data
from shop.staff.session import signed_in
from shop.staff.settings import audit_presenter
from shop.staff.settings.store_fields import CHOICES, SHORT, STORE_FIELDS, field_groups
from shop.web.pages.htmx import redirect_with_message, render_page_or_fragment


class LogoForm(FlaskForm):  # type: ignore[misc]
    """A logo to upload."""

    logo = FileField(lazy_gettext("Picture"))


@blueprint.get("/settings/store")
@requires("store.set")
def store_show() -> str:
    """Show the store's settings as a form."""
    return store_page(get_settings().values, {})


@blueprint.post("/settings/store")
@requires("store.set")
def store_save() -> Response | tuple[str, int]:
    """Save the changed settings, all or nothing."""
    if not FlaskForm().validate():
        return store_page(get_settings().values, {}), 422
    seen = read_seen()
    keys = [key for key, _label, _help in STORE_FIELDS if key in request.form]
    wanted = {key: request.form[key] for key in keys if is_changed(request.form[key], seen.get(key))}
    actor = signed_in().member.actor
    try:
        if asked := _confirm_currency(wanted.get("currency", "")):
            return asked
        changed = make_or_request(
            lambda: change_settings(wanted, actor, seen=seen), lambda: request_settings(clean_settings(wanted), actor)
        )
    except (InvalidInput, Conflict, NotAllowed) as refusal:
        now = get_settings().values
        wrong = {error.field: error.message for error in refusal.errors}
        if isinstance(refusal, Conflict):
            wrong = {key: changed_meanwhile(now[key]) for key in wrong}
        return store_page({**now, **wanted}, wrong), 422
    if changed is None:
        return sent_for_approval()
    return redirect_with_message(url_for("staff.store_show"), _("Saved.") if changed else _("Nothing was changed."))


def _confirm_currency(typed: str) -> Response | None:
    """Return a confirmation page before the currency changes; None if it stays, or cannot change."""
    settings, new = get_settings(), typed.strip().upper()
    if new == settings.currency or len(new) != 3 or has_amounts():
        return None
    count, dearest = summarize_prices()
    same = dearest * minor_units(new) // minor_units(settings.currency)
    before, after = format_price(dearest, settings.currency), format_price(same, new)
    figures = [
        (_("Currency"), settings.currency, new),
        (_("Products whose prices are not converted"), group_digits(count), group_digits(count)),
        (_("For example"), before, after),
    ]
    heading = _("Prices are not converted: every amount keeps its value in the new currency.")
    return ask_to_confirm(heading, figures, back=url_for("staff.store_show"))


@blueprint.post("/settings/store/mail")
@requires("store.set")
def store_mail_try() -> Response:
    """Send a test mail to oneself."""
    me = signed_in().member
    send_trial(me.email, me.actor)
    return redirect_with_message(url_for("staff.store_show"), _("Test e-mail sent to %(email)s.", email=me.email))


@blueprint.get("/settings/audit")
@requires("audit.read")
@shows_personal_data("list:audit")
def audit_list() -> Response:
    """List the audit log, newest first."""
    area = request.args.get("area", "")
    area = area if area in dict(audit_presenter.AREAS) else ""
    person, below = _number("person"), _number("below")
    found = list_audit(area=area or None, actor_id=person, below=below)
    return render_page_or_fragment(
        "staff/settings/audit.html",
        "staff/settings/_audit_rows.html",
        found=found,
        areas=audit_presenter.AREAS,
        words=audit_presenter,
        names={**{key: label for key, label, _help in STORE_FIELDS}, KEY: _("Logo"), **found.names},
        area=area,
        person=person,
        people=list_members(),
    )


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def store_page(values: Mapping[str, str], wrong: dict[str, str], *, logo_form: LogoForm | None = None) -> str:
    """Render the settings, with what is wrong by field."""
    settings = get_settings()
    return render_template(
        "staff/settings/store.html",
        groups=field_groups(),
        short=SHORT,
        choices=CHOICES,
        values=values,
        seen=write_seen({key: settings.values[key] for key, _label, _help in STORE_FIELDS}),
        wrong=wrong,
        hosted_shop=url_for("hosted_shop.catalogue", shop=current_slug(), _external=True),
        mail=mail_state(),
        store_logo=settings.logo,
        logo_form=logo_form or LogoForm(),
        form=FlaskForm(),
    )

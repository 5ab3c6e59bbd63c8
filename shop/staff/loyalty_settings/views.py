"""The loyalty rules: the form, a preview of its effect, and the log of changes."""

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from shop.domain.ids import find_id
from shop.queries.loyalty.rules_preview import (
    SAMPLE_BALANCE,
    SAMPLE_CART_CENTS,
    SAMPLE_ORDER_CENTS,
    Changes,
    compare_rules,
    list_changes,
)
from shop.services.approvals.requests import make_or_request, request_settings
from shop.services.errors import Conflict
from shop.services.shops.settings import change_settings, clean_settings, get_settings
from shop.staff import blueprint
from shop.staff.large_changes import sent_for_approval
from shop.staff.loyalty_settings.confirm import confirm_rules
from shop.staff.loyalty_settings.fields import FIELDS, GROUPS
from shop.staff.loyalty_settings.form import RulesForm
from shop.staff.loyalty_settings.presenter import change_words, effect_words, saved_words
from shop.staff.permissions import requires
from shop.staff.session import signed_in
from shop.web.pages.formats import shop_settings
from shop.web.pages.htmx import render_page_or_fragment, wants_fragment

CHANGES_SHOWN, CHANGES_ON_A_PAGE = 5, 25
SAMPLES = {"order": SAMPLE_ORDER_CENTS, "cart": SAMPLE_CART_CENTS, "balance": SAMPLE_BALANCE}


@blueprint.get("/settings/loyalty")
@requires("loyalty.set")
def loyalty_settings_show() -> Response:
    """Show the rules in force as a form, with their effect and earlier changes."""
    return _page(RulesForm.unchanged(shop_settings()), changes=_changes(CHANGES_SHOWN))


@blueprint.post("/settings/loyalty/preview")
@requires("loyalty.set")
def loyalty_settings_preview() -> Response:
    """Preview the rules in the form without saving; requested while someone types, or by a button."""
    draft = RulesForm.read(shop_settings(), request.form, request.form.get("put_back"))
    return _page(draft, changes=None if wants_fragment() else _changes(CHANGES_SHOWN))


@blueprint.post("/settings/loyalty")
@requires("loyalty.set")
def loyalty_settings_save() -> AnyResponse:
    """Save the form's changes, all or nothing; an invalid form has status 422."""
    draft = RulesForm.read(shop_settings(), request.form)
    if draft.errors:
        return _page(draft, status=422, changes=_changes(CHANGES_SHOWN))
    wanted, actor = {key: draft.texts[key] for key in draft.changed}, signed_in().member.actor
    if asked := confirm_rules(draft):
        return asked
    try:
        made = make_or_request(
            lambda: change_settings(wanted, actor, seen=draft.seen),
            lambda: request_settings(clean_settings(wanted), actor),
        )
    except Conflict as refusal:
        return _page(draft.overtaken(get_settings(), refusal.errors), status=422, changes=_changes(CHANGES_SHOWN))
    if made is None:
        return sent_for_approval()
    message = saved_words(made, draft.today.currency)
    if wants_fragment():
        return _page(RulesForm.unchanged(get_settings()), changes=_changes(CHANGES_SHOWN), toast=message)
    flash(message)
    return redirect(url_for("staff.loyalty_settings_show"), 303)


@blueprint.get("/settings/loyalty/changes")
@requires("loyalty.set")
def loyalty_settings_changes() -> Response:
    """List changes of the rules, newest first; ``?before=`` an entry."""
    changes = _changes(CHANGES_ON_A_PAGE, request.args.get("before", type=find_id))
    page = "staff/loyalty_settings/changes.html"
    return render_page_or_fragment(
        page, "staff/loyalty_settings/_changes.html", changes=changes, change_words=change_words, whole=True
    )


def _changes(limit: int, before: int | None = None) -> Changes:
    return list_changes(FIELDS, limit=limit, before=before)


def _page(draft: RulesForm, *, changes: Changes | None, status: int = 200, toast: str | None = None) -> Response:
    """Return the page, or the parts that depend on the form."""
    effect = compare_rules(draft.today.rules, draft.rules)
    return render_page_or_fragment(
        "staff/loyalty_settings/show.html",
        "staff/loyalty_settings/_parts.html",
        status=status,
        draft=draft,
        controls=draft.controls(),
        groups=GROUPS,
        currency=draft.today.currency,
        effect=effect,
        samples=SAMPLES,
        words=effect_words(effect, draft),
        changes=changes,
        change_words=change_words,
        toast=toast,
    )

"""The sandbox: its clock, what will happen, the messages that were not sent; in a live shop, how to get one."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from werkzeug.wrappers import Response

from shop.domain.formats import group_digits
from shop.queries.sandbox.since_move import count_since
from shop.queries.sandbox.upcoming import list_upcoming
from shop.services.errors import Conflict, InvalidInput
from shop.services.sandbox.clock import ClockState, advance_clock, is_sandbox, read_clock
from shop.services.sandbox.inbox import MARK, deliver_messages, list_messages
from shop.services.sandbox.shops import create_sandbox_of_this_shop, find_sandbox, reset_sandbox
from shop.staff import blueprint
from shop.staff.permissions import requires
from shop.staff.session import signed_in
from shop.web.i18n import translate
from shop.web.pages.formats import shop_settings
from shop.web.pages.htmx import confirm_first, redirect_with_message

MESSAGES = 8
JUMPS = (
    ("PT1H", lazy_gettext("+1 hour")),
    ("P1D", lazy_gettext("+1 day")),
    ("P1W", lazy_gettext("+1 week")),
    ("P1M", lazy_gettext("+1 month")),
    ("P1Y", lazy_gettext("+1 year")),
)
KINDS = {
    "order_ends": ("alert-triangle", lazy_gettext("Unpaid order ends")),
    "coupon_starts": ("gift", lazy_gettext("Coupon starts")),
    "coupon_ends": ("gift", lazy_gettext("Coupon ends")),
    "message": ("mail", lazy_gettext("Message")),
}


@blueprint.get("/sandbox")
@requires("keys.manage")
def sandbox_show() -> str:
    """The sandbox of the shop, or how to get one."""
    if not is_sandbox():
        return render_template("staff/sandbox/live.html", sandbox=find_sandbox())
    return _page()


def _page(problem: str | None = None) -> str:
    deliver_messages()
    page = max(1, request.args.get("page", 1, int))
    messages, total = list_messages(limit=MESSAGES, offset=(page - 1) * MESSAGES)
    clock = read_clock()
    return render_template(
        "staff/sandbox/index.html",
        clock=clock,
        jumps=JUMPS,
        kinds=KINDS,
        upcoming=list_upcoming(),
        since=clock.moved_from and count_since(clock.moved_from),
        messages=messages,
        mark=MARK,
        total=total,
        page=page,
        more=page * MESSAGES < total,
        problem=problem,
        typed=request.form.get("to", ""),
    )


@blueprint.post("/sandbox")
@requires("keys.manage")
def sandbox_create() -> Response:
    """Make a sandbox of the live shop."""
    try:
        made = create_sandbox_of_this_shop(signed_in().member.actor)
    except Conflict as refused:
        return redirect_with_message(url_for("staff.sandbox_show"), translate(refused.message))
    return redirect_with_message(url_for("staff.sandbox_show"), _("%(name)s was created.", name=made.name))


@blueprint.post("/sandbox/clock")
@requires("keys.manage")
def sandbox_move() -> Response | tuple[str, int]:
    """Move the clock by a jump or to a time in the shop's time zone; in a live shop do nothing."""
    if not is_sandbox():
        return redirect(url_for("staff.sandbox_show"))
    try:
        state = _move()
    except InvalidInput as refused:
        return _page(translate(refused.errors[0].message)), 422
    except Conflict as refused:
        return _page(translate(refused.message)), 409
    count = sum(one.count for one in state.happened)
    message = ngettext(
        "The clock was moved. %(number)s job ran.",
        "The clock was moved. %(number)s jobs ran.",
        count,
        number=group_digits(count),
    )
    return redirect_with_message(url_for("staff.sandbox_show"), message)


def _move() -> ClockState:
    actor, jump = signed_in().member.actor, request.form.get("advance", "")
    if jump:
        return advance_clock(actor, by=jump)
    try:
        local = datetime.fromisoformat(request.form.get("to", ""))
    except ValueError:
        raise InvalidInput.of("to", "must be a day and a time") from None
    return advance_clock(actor, to=local.replace(tzinfo=ZoneInfo(shop_settings().values["shop_timezone"])))


@blueprint.post("/sandbox/reset")
@requires("keys.manage")
def sandbox_reset() -> Response | str:
    """Delete the sandbox's data, once that is confirmed; in a live shop do nothing."""
    if not is_sandbox():
        return redirect(url_for("staff.sandbox_show"))
    asked = confirm_first(
        _("Delete all customers, orders, points and messages of this sandbox?"),
        _("Reset data"),
        url_for("staff.sandbox_show"),
    )
    if asked:
        return asked
    reset_sandbox(signed_in().member.actor)
    return redirect_with_message(url_for("staff.sandbox_show"), _("Sandbox reset"))

"""Received payments: a day's reconciliation, those that wait, and the statement's upload."""

from datetime import date, timedelta

from flask import current_app, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from shop.domain.dates.days import day_of
from shop.domain.formats import group_digits
from shop.domain.payments.requests import RequestState
from shop.queries.payments.day import get_day
from shop.queries.payments.received import PaymentFilters, count_waiting, list_payments
from shop.queries.payments.requests import find_status_requests
from shop.services import clock
from shop.services.errors import InvalidInput, ShopError
from shop.services.orders.review_flags import list_open_flags
from shop.services.payment_matching.statements import StatementResult, upload_statement
from shop.services.payments.config import PaymentConfig
from shop.services.provider_requests.sending import can_request
from shop.services.provider_requests.status import query_receipt
from shop.staff import blueprint
from shop.staff.list_filters import FilterReader
from shop.staff.payments import presenter
from shop.staff.permissions import requires
from shop.staff.personal_reads import shows_personal_data
from shop.staff.session import signed_in
from shop.web.i18n import sentence_case, translate
from shop.web.pages.formats import shop_settings
from shop.web.pages.htmx import redirect_with_message

SHOWN_DIFFERING = 5
SHOWN_SHARED = 20
LONGEST_RECEIPT = 100


@blueprint.get("/payments")
@requires("orders.pay")
@shows_personal_data("list:payments")
def received_payment_list() -> str:
    """Show the payments that wait; with ``?day=``, that day's reconciliation."""
    return _page()


def _page(problem: str = "") -> str:
    zone = shop_settings().values["shop_timezone"]
    reader = FilterReader(request.args)
    today = day_of(clock.now(), zone)
    day, state = _day(today), reader.choice("state", presenter.VIEWS[1:])
    filters = PaymentFilters(zone, day, state, reader.search())
    page = min(max(request.args.get("page", 1, type=int), 1), 10_000)
    rows, more = list_payments(filters, page)
    found = get_day(day, zone) if day is not None else None
    missing = found.unconfirmed if found is not None else ()
    return render_template(
        "staff/payments/index.html",
        rows=rows,
        more=more,
        page=page,
        filters=filters,
        day=found,
        asked=find_status_requests([each.reference for each in missing]),
        can_ask=bool(missing) and can_request(PaymentConfig.of(current_app.config)),
        days=(today if day is None else day - timedelta(days=1), None if day in {None, today} else day + timedelta(1)),
        today=today,
        kept=reader.keep({"day": day, "state": state, "q": filters.search}),
        waiting_count=count_waiting(),
        shared=list_open_flags(SHOWN_SHARED, "same_reference"),
        problem=problem,
        say=presenter,
        form=FlaskForm(),
    )


def _day(today: date) -> date | None:
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return None
    return min(max(day, date(2000, 1, 1)), today)


@blueprint.post("/payments/ask")
@requires("orders.pay")
def payment_status_ask() -> Response | tuple[str, int]:
    """Ask M-Pesa for a payment by its receipt number; it is recorded when M-Pesa answers."""
    if not FlaskForm().validate():
        return _page(), 422
    receipt = request.form.get("receipt", "").replace("\0", "")[:LONGEST_RECEIPT]
    try:
        made = query_receipt(receipt, signed_in().member.actor, PaymentConfig.of(current_app.config))
    except ShopError as refused:
        return _page(sentence_case(translate(refused.message))), 422
    if made.state == RequestState.FAILED:
        return _page(_("M-Pesa did not take the question: %(why)s.", why=made.message.rstrip("."))), 422
    address = url_for("staff.received_payment_list", day=request.args.get("day"))
    return redirect_with_message(address, _("M-Pesa was asked. If it knows the payment, it appears here in a minute."))


@blueprint.post("/payments/statement")
@requires("orders.change")
def payment_statement_upload() -> Response | tuple[str, int]:
    """Compare an uploaded statement with the received payments."""
    if not FlaskForm().validate():
        return _page(), 422
    file = request.files.get("file")
    if file is None or not file.filename:
        return _page(_("Choose the statement that you downloaded from M-Pesa.")), 422
    try:
        result = upload_statement(file.stream, signed_in().member.actor)
    except InvalidInput as refused:
        return _page(sentence_case(translate(refused.message))), 422
    said = " ".join([_done(result), *_problems(result)])  # the page shows one message at a time
    day = day_of(result.last.paid_at, shop_settings().values["shop_timezone"]) if result.last else None
    return redirect_with_message(url_for("staff.received_payment_list", day=day), said)


def _done(result: StatementResult) -> str:
    count = group_digits(result.payments)
    found = ngettext(
        "%(count)s payment in the statement.", "%(count)s payments in the statement.", result.payments, count=count
    )
    if not result.new:
        return f"{found} {_('None was missing.')}"
    new = group_digits(result.new)
    return f"{found} " + ngettext(
        "%(new)s was missing and is recorded.", "%(new)s were missing and are recorded.", result.new, new=new
    )


def _problems(result: StatementResult) -> list[str]:
    found = []
    if result.differing:
        receipts = ", ".join(result.differing[:SHOWN_DIFFERING])
        found.append(_("The statement has another amount for: %(receipts)s.", receipts=receipts))
    if result.errors:
        number, why = result.errors[0]
        found.append(_("Row %(number)s could not be read: it %(why)s.", number=number, why=translate(why)))
    return found

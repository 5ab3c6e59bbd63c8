"""The shop's ledger: its entries, its days, and both as CSV."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, request, url_for
from flask_babel import gettext as _

from shop.domain.customers.contact import full_name
from shop.domain.dates.days import day_of
from shop.domain.text.spreadsheets import escape_formula
from shop.queries.ledger.days import LedgerMonth, get_month
from shop.queries.ledger.export import ExportedEntry, record_export, stream_ledger
from shop.queries.ledger.kinds import slug_of
from shop.queries.ledger.shop import (
    ShopLedgerPage,
    browse_ledger,
    explain_by_id,
    list_people,
    no_totals,
    total_ledger,
)
from shop.services import clock
from shop.staff import blueprint
from shop.staff.confirmation import requires_recent_password
from shop.staff.exports import refuse_errors
from shop.staff.ledger import entry_presenter
from shop.staff.ledger.explanation_presenter import explain
from shop.staff.ledger.query import read_ledger, read_month, read_number
from shop.staff.list_filters import history_header
from shop.staff.permissions import requires
from shop.staff.personal_reads import exports_personal_data, shows_personal_data
from shop.staff.session import signed_in
from shop.web.pages.csv_export import csv_response
from shop.web.pages.formats import shop_settings
from shop.web.pages.htmx import render_page_or_fragment, wants_fragment
from shop.web.pages.view_options import reads_replica

PLAIN = (0, 1, 4, 5, 6)
"""Columns of the CSV file with numbers, times and names of kinds."""
PARTS = {"div#found": "_found.html", "div#rows": "_rows.html"}
"""Parts that can be requested alone, by id; paging and opening an entry need no totals."""


@blueprint.get("/ledger")
@reads_replica
@shows_personal_data("list:ledger")
def ledger_show() -> Response:
    """List the shop's entries, newest first; filters, page and an open entry are in the URL."""
    asked, kept, errors = read_ledger(request.args)
    place = {name: request.args[name] for name in ("before", "after") if read_number(request.args.get(name))}
    why = read_number(request.args.get("why"))
    part = PARTS.get(request.headers.get("HX-Target", ""), "_list.html")
    page = render_page_or_fragment(
        "staff/ledger/show.html",
        f"staff/ledger/{part}",
        status=422 if errors else 200,
        asked=asked,
        kept=kept,
        errors=errors,
        place=place,
        found=ShopLedgerPage.none() if errors else browse_ledger(asked),
        totals=no_totals if errors else lambda: total_ledger(asked),
        people=list_people,
        why=why,
        proof=explain_by_id(why) if why is not None else None,
        words=entry_presenter,
        explain=explain,
    )
    if wants_fragment():
        values: dict[str, Any] = kept | place | ({} if why is None else {"why": why})
        toggled = request.headers.get("HX-Source", "").startswith("a#why-")
        name = "HX-Replace-Url" if toggled else history_header()
        page.headers[name] = url_for("staff.ledger_show", **values)
    return page


@blueprint.get("/ledger.csv")
@requires("lists.export")
@reads_replica
@requires_recent_password
@exports_personal_data
def ledger_export() -> Response:
    """Export all matching entries as CSV; the export is recorded."""
    asked, _kept, errors = read_ledger(request.args)
    refuse_errors(errors)
    record_export(signed_in().member.actor)
    zone = shop_settings().values["shop_timezone"]
    head = [
        _("No."),
        _("Time"),
        _("Customer"),
        _("E-mail"),
        _("What"),
        _("Points"),
        _("Balance after"),
        _("Order"),
        _("Why"),
        _("By whom"),
    ]
    today = day_of(clock.now(), zone)
    rows = _cells(stream_ledger(asked), ZoneInfo(zone))
    return csv_response(f"ledger-{today.isoformat()}", head, rows, plain=PLAIN)


@blueprint.get("/ledger/days")
@reads_replica
def ledger_days() -> Response:
    """Show the ledger by day, a month at a time, and whether it adds up."""
    month = get_month(_asked_month())
    page = render_page_or_fragment("staff/ledger/days.html", "staff/ledger/_days.html", month=month)
    if wants_fragment():
        page.headers["HX-Push-Url"] = url_for("staff.ledger_days", month=f"{month.part.first:%Y-%m}")
    return page


@blueprint.get("/ledger/days.csv")
@requires("lists.export")
@reads_replica
def ledger_days_export() -> Response:
    """Export the days of a month as CSV."""
    month = get_month(_asked_month())
    record_export(signed_in().member.actor)
    head = [
        _("Day"),
        _("Earned"),
        _("Redeemed"),
        _("Restored"),
        _("Reversed"),
        _("Adjusted"),
        _("Closing balance"),
    ]
    return csv_response(f"ledger-{month.part.first:%Y-%m}", head, _day_cells(month))


def _asked_month() -> date | None:
    return read_month(request.args.get("month"))


def _cells(pieces: Iterable[Sequence[ExportedEntry]], zone: ZoneInfo) -> Iterator[Sequence[str | int]]:
    """Return a row of the file for each entry. A ledger may have millions, so repeated work is cached."""
    sayings = entry_presenter.EntryPresenter()
    about, who = sayings.about, sayings.who
    words = {kind: escape_formula(str(word)) for kind, word in entry_presenter.KIND_WORDS.items()}
    for piece in pieces:
        for entry in piece:
            (
                number, moment, stored, points, balance, order, note, system_note, actor_kind, actor_label,
                subtotal, discount, shortfall, event, email, first_name, last_name,
            ) = entry  # fmt: skip
            kind = slug_of(stored)
            yield (
                number,
                moment.astimezone(zone).isoformat(" ", "seconds"),
                full_name(first_name, last_name, email),
                email or "",
                words[kind],
                points,
                balance,
                order or "",
                about(kind, note or system_note, event, subtotal, discount, shortfall),
                who(actor_kind, actor_label),
            )


def _day_cells(month: LedgerMonth) -> Iterable[Sequence[str | int]]:
    for day in month.days:
        moved = day.moved
        sums = [moved.earned, moved.redeemed, moved.returned, moved.taken, moved.adjusted]
        yield [day.day.isoformat(), *sums, day.closing]

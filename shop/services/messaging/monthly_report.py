"""The monthly report to the owners: queued once for each month, and what the mail says."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from shop.db.transaction import transaction
from shop.db.upsert import insert_or_ignore
from shop.domain.text.cleaning import one_line
from shop.domain.text.messages import N_
from shop.models import MonthlyReport
from shop.services import clock
from shop.services.app_config import app_config
from shop.services.messaging.mails.mail_language import MailContent, MailContext
from shop.services.staff.notices import notify_owners

MONTHS = (
    *(N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June")),
    *(N_("July"), N_("August"), N_("September"), N_("October"), N_("November"), N_("December")),
)


def send_monthly_report(month: date, figures: Mapping[str, Any]) -> bool:
    """Queue a mail to each owner of the session's shop, once for a month; return whether this call did it."""
    name = f"{month:%Y-%m}"
    with transaction():
        if not insert_or_ignore(MonthlyReport, [MonthlyReport.month], month=name, created_at=clock.now()):
            return False
        notify_owners("staff_monthly_report", {"month": name, "figures": dict(figures)})
    return True


def compose_monthly_report(payload: dict[str, Any], mail: MailContext) -> MailContent | None:
    """Return the report; None if it was switched off since."""
    if mail.settings.values["monthly_report"] != "true":
        return None
    year, number = payload["month"].split("-")
    month = f"{mail.gettext(MONTHS[int(number) - 1])} {year}"
    figures = payload["figures"]
    return MailContent(
        mail.gettext("%(shop)s in %(month)s", shop=one_line(mail.shop_name), month=month),
        {
            **figures,
            "month": month,
            "currency": mail.settings.currency,
            "change": _change(figures["sales"]["cents"], figures["sales_before"]["cents"]),
            "address": f"{app_config()['PUBLIC_URL']}/staff/reports",
        },
    )


def _change(now: int, before: int) -> int | None:
    """Return the change in whole per cent; None if there is nothing to compare with."""
    return (now - before) * 100 // before if before > 0 else None

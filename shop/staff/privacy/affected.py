"""People affected by a data breach in a period. For managers."""

from collections.abc import Iterator

from flask import Response, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from shop.queries.privacy.affected import list_affected, report_affected
from shop.services.audit_log import record_alone
from shop.staff import blueprint
from shop.staff.confirmation import requires_recent_password
from shop.staff.permissions import requires
from shop.staff.personal_reads import exports_personal_data
from shop.staff.privacy.forms import PeriodForm
from shop.staff.session import signed_in
from shop.staff.settings import audit_presenter
from shop.web.pages.csv_export import csv_response


@blueprint.get("/privacy/affected")
@requires("privacy.manage")
def privacy_affected() -> Response:
    """Show the form and, with a period, the report."""
    form = PeriodForm(request.args, meta={"csrf": False})
    asked = "since" in request.args
    valid = asked and form.validate()
    report = report_affected(*form.period) if valid else None
    page = render_template("staff/privacy/affected.html", form=form, report=report, words=audit_presenter)
    return Response(page, 422 if asked and not valid else 200)


@blueprint.post("/privacy/affected")
@requires("privacy.manage")
@requires_recent_password
@exports_personal_data
def privacy_affected_export() -> AnyResponse:
    """Export everyone who existed in the period."""
    form = PeriodForm()
    if not form.validate():
        page = render_template("staff/privacy/affected.html", form=form, report=None, words=audit_presenter)
        return Response(page, 422)
    record_alone(signed_in().member.actor, "privacy.affected_exported", "customers")
    head = [_("Number"), _("Name"), _("E-mail"), _("Phone"), _("Times in the audit log")]
    since, until = form.period
    people = list_affected(since, until)
    rows: Iterator[list[str | int]]
    rows = ([one.id, one.name, one.email or "", one.phone or "", one.named] for one in people)
    return csv_response(f"affected-{since.date()}", head, rows, plain=[0, 4])

"""The backups page: the latest ones, and a button to make one."""

from flask import Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response as AnyResponse

from shop.services.backups.runs import UNDER_WAY, list_runs, request_backup
from shop.staff import blueprint
from shop.staff.permissions import requires
from shop.staff.session import signed_in
from shop.web.pages.htmx import redirect_with_message, render_page_or_fragment

STATES = {
    "queued": lazy_gettext("Waiting for the worker"),
    "writing": lazy_gettext("Copying the data"),
    "verifying": lazy_gettext("Verifying the copy"),
    "done": lazy_gettext("Complete"),
    "failed": lazy_gettext("Failed"),
}


@blueprint.get("/backups")
@requires("backups.manage")
def backup_list() -> Response:
    """List the newest backups; htmx polls while one is being made."""
    runs = list_runs()
    return render_page_or_fragment(
        "staff/backups/index.html",
        "staff/backups/_runs.html",
        runs=runs,
        last=next((run for run in runs if run.state == "done"), None),
        is_running=any(run.state in UNDER_WAY for run in runs),
        states=STATES,
    )


@blueprint.post("/backups")
@requires("backups.manage")
def backup_request() -> AnyResponse:
    """Ask the worker for a backup."""
    requested = request_backup(signed_in().member.actor)
    return redirect_with_message(
        url_for("staff.backup_list"), _("Backup started.") if requested else _("A backup is being made already.")
    )

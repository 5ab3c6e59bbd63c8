"""``/dev/mail``: shows outgoing mail in development. Not registered in production."""

from flask import Blueprint, Flask, Response, current_app, render_template

from shop.services.messaging.channels.email.files import KeptMail, get_mail, list_mails

blueprint = Blueprint("dev_mail", __name__, url_prefix="/dev/mail")

MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


def init_app(app: Flask) -> None:
    """Register the pages if mail is written to files: in development without ``MAIL_SERVER``."""
    if app.config["TUZA_ENV"] == "development" and not app.config["MAIL_SERVER"]:
        app.register_blueprint(blueprint)


@blueprint.get("")
def dev_mail_index() -> str:
    """List the newest mails."""
    return render_template("dev/mails.html", mails=list_mails(current_app.config["MAIL_FOLDER"]))


@blueprint.get("/<name>")
def dev_mail_show(name: str) -> str:
    """Show a mail with its text and HTML parts."""
    return render_template("dev/mail.html", mail=_mail(name))


@blueprint.get("/<name>/html")
def dev_mail_html(name: str) -> Response:
    """Show the HTML part alone, as a mail program would: without scripts, forms or remote content."""
    headers = {"Content-Security-Policy": MAIL_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    return Response(_mail(name).html, mimetype="text/html", headers=headers)


@blueprint.get("/<name>/raw")
def dev_mail_raw(name: str) -> Response:
    """Download the mail's file."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(_mail(name).raw, mimetype="message/rfc822", headers=headers)


def _mail(name: str) -> KeptMail:
    return get_mail(current_app.config["MAIL_FOLDER"], name)

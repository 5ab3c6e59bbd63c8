"""``/dev/mail``: the mails that would have been sent, to read in development. It is not there otherwise."""

from flask import Blueprint, Flask, Response, current_app, render_template

from shop.services.messaging.mail_files import KeptMail, get_mail, list_mails

blueprint = Blueprint("dev_mail", __name__, url_prefix="/dev/mail")

MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


def init_app(app: Flask) -> None:
    """Open the pages where mail goes to files: in development without ``MAIL_SERVER``."""
    if app.config["TUZA_ENV"] == "development" and not app.config["MAIL_SERVER"]:
        app.register_blueprint(blueprint)


@blueprint.get("")
def dev_mail_index() -> str:
    """The newest mails: to whom, about what, when."""
    return render_template("dev/mails.html", mails=list_mails(current_app.config["MAIL_FOLDER"]))


@blueprint.get("/<name>")
def dev_mail_show(name: str) -> str:
    """One mail with both of its parts."""
    return render_template("dev/mail.html", mail=_mail(name))


@blueprint.get("/<name>/html")
def dev_mail_html(name: str) -> Response:
    """The HTML part alone, as a mail program would show it: without scripts, forms or anything from elsewhere."""
    headers = {"Content-Security-Policy": MAIL_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    return Response(_mail(name).html, mimetype="text/html", headers=headers)


@blueprint.get("/<name>/raw")
def dev_mail_raw(name: str) -> Response:
    """The file itself, to save."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(_mail(name).raw, mimetype="message/rfc822", headers=headers)


def _mail(name: str) -> KeptMail:
    return get_mail(current_app.config["MAIL_FOLDER"], name)

"""``/dev/messages``: shows SMS and WhatsApp messages in development. Not registered in production."""

from flask import Blueprint, Flask, current_app, render_template

from shop.services.messaging.channels.message_files import list_messages

blueprint = Blueprint("dev_messages", __name__, url_prefix="/dev/messages")


def init_app(app: Flask) -> None:
    """Register the page in development, where shops without an account write their messages to files."""
    if app.config["TUZA_ENV"] == "development":
        app.register_blueprint(blueprint)


@blueprint.get("")
def dev_message_list() -> str:
    """List the newest messages."""
    return render_template("dev/messages.html", messages=list_messages(current_app.config["MESSAGES_FOLDER"]))

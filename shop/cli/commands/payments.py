"""``tuza payments …``: payment settings of an installation."""

import click
from flask import current_app
from flask.cli import with_appcontext

from shop.cli.command_errors import with_error_messages
from shop.services.messaging.accounts import rotate_message_key
from shop.services.payments.config import PaymentConfig
from shop.services.payments.credentials import rotate_key
from shop.services.staff.totp import rotate_totp_key
from shop.services.webhooks.credentials import rotate_webhook_key


@click.group("payments")
def payments() -> None:
    """Manage payment credentials."""


@payments.command("lock-anew")
@with_appcontext
@with_error_messages
def payments_lock_anew() -> None:
    """Encrypt credentials of payments and messages, webhook and authenticator secrets with the newest key.

    Run it after PAYMENT_KEYS or SECRET_KEY was changed.
    """
    keys = PaymentConfig.of(current_app.config).keys
    count = sum(rotate(keys) for rotate in (rotate_key, rotate_message_key, rotate_totp_key, rotate_webhook_key))
    click.echo(f"{count} encrypted with the newest key. You can remove the older keys.")

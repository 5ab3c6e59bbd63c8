"""``tuza payments …``: payment settings of an installation."""

import click
from flask import current_app
from flask.cli import with_appcontext

from shop.cli.command_errors import with_error_messages
from shop.services.payments.config import PaymentConfig
from shop.services.payments.credentials import rotate_key


@click.group("payments")
def payments() -> None:
    """Manage payment credentials."""


@payments.command("lock-anew")
@with_appcontext
@with_error_messages
def payments_lock_anew() -> None:
    """Encrypt all shops' payment credentials with the newest key, after PAYMENT_KEYS or SECRET_KEY was changed."""
    count = rotate_key(PaymentConfig.of(current_app.config).keys)
    click.echo(f"{count} encrypted with the newest key. You can remove the older keys.")

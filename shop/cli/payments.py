"""``flask --app wsgi payments``: what an operator does about payments."""

import click
from flask import current_app
from flask.cli import with_appcontext

from shop.cli.command_errors import plainly
from shop.services.payments.config import PaymentPolicy
from shop.services.payments.credentials import lock_anew


@click.group("payments")
def payments() -> None:
    """Ways to pay."""


@payments.command("lock-anew")
@with_appcontext
@plainly
def payments_lock_anew() -> None:
    """Lock the credentials of all shops with the newest key, after PAYMENT_KEYS or SECRET_KEY was changed."""
    count = lock_anew(PaymentPolicy.of(current_app.config).keys)
    click.echo(f"{count} locked with the newest key; older keys are not needed for them any more.")

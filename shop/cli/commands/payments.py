"""``tuza payments …``: payment settings of an installation."""

import click
from flask import current_app
from flask.cli import with_appcontext

from shop.cli.command_errors import chosen_shop, shop_option, with_error_messages
from shop.db.tenant import in_shop
from shop.services.actors import SYSTEM
from shop.services.errors import Conflict
from shop.services.messaging.accounts import rotate_message_key
from shop.services.payments.config import PaymentConfig
from shop.services.payments.credentials import rotate_key
from shop.services.payments.registration import RESPONSE_TYPES, register_addresses
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


@payments.command("register-addresses")
@shop_option
@click.option(
    "--response-type",
    type=click.Choice(RESPONSE_TYPES),
    default="Completed",
    show_default=True,
    help="What M-Pesa does with a payment while this installation cannot be reached.",
)
@with_appcontext
@with_error_messages
def payments_register_addresses(slug: str | None, response_type: str) -> None:
    """Register the addresses at which M-Pesa confirms payments to a shop's short code."""
    with in_shop(chosen_shop(slug).id):
        made = register_addresses(response_type, SYSTEM, PaymentConfig.of(current_app.config))
        if made.state != "registered":
            raise Conflict("The registration failed: %(why)s", why=made.result)
        click.echo(f"Registered: M-Pesa confirms payments to {made.short_code} here.")

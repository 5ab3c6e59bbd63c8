"""``tuza api-key …``: API keys for programs."""

from datetime import timedelta

import click
from flask.cli import AppGroup

from shop.cli.command_errors import chosen_shop, shop_option, with_error_messages
from shop.cli.numbers import WholeNumber
from shop.db.tenant import use_shop
from shop.services.staff.api_keys import DEFAULT_LIFE, DEFAULT_RATE, MAX_RATE, create_api_key

api_key = AppGroup("api-key", help="Create API keys.")


@api_key.command("create")
@click.argument("name")
@shop_option
@click.option("--read-only", is_flag=True, help="The key can read everything and change nothing.")
@click.option(
    "--rate",
    type=WholeNumber(1, MAX_RATE),
    default=DEFAULT_RATE,
    show_default=True,
    help="Requests allowed per minute.",
)
@click.option(
    "--days",
    type=WholeNumber(1, 36_500),
    default=DEFAULT_LIFE.days,
    show_default=True,
    help="Days until the key expires.",
)
@with_error_messages
def create(name: str, slug: str | None, read_only: bool, rate: int, days: int) -> None:
    """Create an API key called NAME and print it with its secret.

    Use the two as user and password of HTTP Basic. The secret is stored as a hash and cannot be shown again.
    """
    shop = chosen_shop(slug)
    use_shop(shop.id)
    made = create_api_key(name, may_write=not read_only, rate_limit_per_minute=rate, life=timedelta(days=days))
    click.echo(f"Created the key {name} for {shop.name}: {'read only' if read_only else 'read and write'}.")
    click.echo(f"Consumer key:    {made.consumer_key}")
    click.echo(f"Consumer secret: {made.consumer_secret}")
    click.echo("This is the only time the secret is shown.")

"""``flask --app wsgi api-key …``: the keys that programs use."""

from datetime import timedelta

import click
from flask.cli import AppGroup

from shop.cli.command_errors import chosen_shop, plainly, shop_option
from shop.db.tenant import use_shop
from shop.services.staff.api_keys import DEFAULT_LIFE, DEFAULT_RATE, MAX_RATE, create_api_key

api_key = AppGroup("api-key", help="Let programs use a shop's admin API.")


@api_key.command("create")
@click.argument("name")
@shop_option
@click.option("--read-only", is_flag=True, help="The key may look at everything and change nothing.")
@click.option(
    "--rate",
    type=click.IntRange(1, MAX_RATE),
    default=DEFAULT_RATE,
    show_default=True,
    help="Calls a minute that the key may make.",
)
@click.option(
    "--days", type=click.IntRange(1, 36_500), default=DEFAULT_LIFE.days, show_default=True, help="Days the key lives."
)
@plainly
def create(name: str, slug: str | None, read_only: bool, rate: int, days: int) -> None:
    """Make a key for the program called NAME, and print it with its secret.

    The secret is kept only as a hash and cannot be shown again. Use both as user and password of HTTP Basic.
    """
    shop = chosen_shop(slug)
    use_shop(shop.id)
    made = create_api_key(name, may_write=not read_only, rate_limit_per_minute=rate, life=timedelta(days=days))
    click.echo(f"Made the key {name} of {shop.name}: {'reads only' if read_only else 'reads and writes'}.")
    click.echo(f"Consumer key:    {made.consumer_key}")
    click.echo(f"Consumer secret: {made.consumer_secret}")
    click.echo("The secret is shown this once.")

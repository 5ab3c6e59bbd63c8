"""``tuza shop …``: create and list shops."""

import click
from flask.cli import AppGroup

from shop.cli.command_errors import CREATE_HINT, with_error_messages
from shop.services.shops.shops import create_shop, list_shops

shop = AppGroup("shop", help="Create and list shops.")


@shop.command("create")
@click.argument("name")
@click.option("--slug", help="Short name for commands and addresses. Made from the Latin letters of NAME by default.")
@click.option(
    "--host",
    "hosts",
    multiple=True,
    metavar="HOST",
    help="Host that the shop's storefront calls, such as shop.example.com. Can be repeated. "
    "Optional with a single shop.",
)
@click.option("--currency", default="KES", show_default=True, help="Currency, as an ISO 4217 code.")
@click.option(
    "--country", default="KE", show_default=True, help="Country for phone numbers written without a country code."
)
@click.option(
    "--timezone", default="Africa/Nairobi", show_default=True, help="Time zone in which the shop's days begin."
)
@with_error_messages
def create(name: str, slug: str | None, hosts: tuple[str, ...], currency: str, country: str, timezone: str) -> None:
    """Create a shop called NAME.

    Loyalty is off until you switch it on in the shop's settings. Next: `staff create` and `api-key create`.
    """
    made = create_shop(
        name, slug=slug, hosts=list(hosts), currency=currency, shop_country=country, shop_timezone=timezone
    )
    click.echo(f"Created the shop {made.name}. Its short name is {made.slug}.")


@shop.command("list")
@with_error_messages
def list_all() -> None:
    """List all shops by short name and name, oldest first."""
    shops = list_shops()
    if not shops:
        click.echo(f"There is no shop yet. {CREATE_HINT}")
        return
    width = max(len(one.slug) for one in shops)
    for one in shops:
        click.echo(f"{one.slug:<{width}}  {one.name}")

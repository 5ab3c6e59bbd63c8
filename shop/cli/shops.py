"""``flask --app wsgi shop …``: the shops of the installation."""

import click
from flask.cli import AppGroup

from shop.cli.command_errors import CREATE_HINT, plainly
from shop.services.shops.shops import create_shop, list_shops

shop = AppGroup("shop", help="Make shops, and list them.")


@shop.command("create")
@click.argument("name")
@click.option("--slug", help="Short name for commands and addresses; made from NAME unless given.")
@click.option(
    "--host",
    "hosts",
    multiple=True,
    metavar="HOST",
    help="Host at which the shop's storefront calls come in, such as shop.example.com; may be given more than once. "
    "Not needed while there is only one shop.",
)
@click.option("--currency", default="KES", show_default=True, help="The shop's money: three letters of ISO 4217.")
@click.option("--country", default="KE", show_default=True, help="Country by whose habits phone numbers are read.")
@click.option("--timezone", default="Africa/Nairobi", show_default=True, help="Time zone of the shop's days.")
@plainly
def create(name: str, slug: str | None, hosts: tuple[str, ...], currency: str, country: str, timezone: str) -> None:
    """Make a shop called NAME.

    Loyalty is off in a new shop until its settings switch it on. Go on with `staff create` and `api-key create`.
    """
    made = create_shop(
        name, slug=slug, hosts=list(hosts), currency=currency, shop_country=country, shop_timezone=timezone
    )
    click.echo(f"Made the shop {made.name}. Its short name is {made.slug}.")


@shop.command("list")
@plainly
def list_all() -> None:
    """List all shops, oldest first: short name, then name."""
    shops = list_shops()
    if not shops:
        click.echo(f"There is no shop yet. {CREATE_HINT}")
        return
    width = max(len(one.slug) for one in shops)
    for one in shops:
        click.echo(f"{one.slug:<{width}}  {one.name}")

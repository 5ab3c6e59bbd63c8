"""``tuza sandbox …``: sandbox shops, to try things out."""

import click
from flask.cli import AppGroup

from shop.cli.command_errors import chosen_shop, shop_option, with_error_messages
from shop.services.sandbox.shops import create_sandbox

sandbox = AppGroup("sandbox", help="Create sandbox shops, whose clock can be moved.")


@sandbox.command("create")
@shop_option
@click.option("--name", help="Name of the sandbox. By default that of the live shop, with (sandbox).")
@click.option("--short-name", help="Short name of the sandbox. By default that of the live shop, with -sandbox.")
@click.option("--host", "hosts", multiple=True, metavar="HOST", help="Host of the sandbox's storefront. Repeatable.")
@with_error_messages
def create(slug: str | None, name: str | None, short_name: str | None, hosts: tuple[str, ...]) -> None:
    """Create a sandbox with the settings, payment methods and owners of a live shop.

    Nothing of a sandbox is mailed, texted or charged, and its data can be reset. Next: `api-key create` makes a test
    key for it.
    """
    made = create_sandbox(chosen_shop(slug), name, slug=short_name, hosts=list(hosts))
    click.echo(f"Created the sandbox {made.name}. Its short name is {made.slug}.")
    click.echo(f"A test key: tuza api-key create NAME --shop {made.slug}")

"""``tuza demo``: load the demo shop."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from shop.cli.command_errors import with_error_messages
from shop.demo.credentials_file import FILE
from shop.demo.start import make_demo_ready


@click.command("demo")
@with_appcontext
@with_error_messages
def demo() -> None:
    """Load the demo shop, once: Duka la Mama Njeri, a grocer in Nairobi, with a year of orders.

    The staff sign-in and the API keys are written to demo.json in the instance folder.
    """
    folder = Path(current_app.config["SHOP_INSTANCE"])
    ready = make_demo_ready(folder, current_app.config["SECRET_KEY"])
    if not ready.is_new:
        click.echo(f"The demo shop is already loaded. Its sign-in and keys: {folder / FILE}")
        return
    click.echo("Loaded the demo shop, Duka la Mama Njeri.")
    click.echo(f"Staff sign-in: {ready.credentials.staff['email']}, password {ready.credentials.staff['password']}")
    click.echo(f"Keys, customers and products to try: {folder / FILE}")

"""``flask --app wsgi staff …``: the people who work in a shop."""

import secrets

import click
from flask.cli import AppGroup

from shop.cli.command_errors import chosen_shop, plainly, shop_option
from shop.db.tenant import use_shop
from shop.domain.statuses import Role
from shop.services.passwords import password_matches
from shop.services.staff.accounts import create_staff
from shop.services.staff.password import set_staff_password

staff = AppGroup("staff", help="Let people sign in to a shop.")


@staff.command("create")
@click.argument("email")
@shop_option
@click.option("--name", default="", help="The person's name; the part of EMAIL before the @ unless given.")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.OWNER.value,
    show_default=True,
    help="Owners and managers may look and change, clerks may look.",
)
@click.option("--password", help="At least 6 characters. Without it one is made up and printed, once.")
@plainly
def create(email: str, slug: str | None, name: str, role: str, password: str | None) -> None:
    """Let the person with EMAIL sign in to a shop.

    Somebody who has a sign-in already keeps name and password, and gets the role in this shop.
    """
    shop = chosen_shop(slug)
    use_shop(shop.id)
    wanted = password or secrets.token_urlsafe(12)
    user = create_staff(email, wanted, name=name, role=role)
    click.echo(f"{user.name} <{user.email}> is now {role} of {shop.name}.")
    if not password_matches(wanted, user.password_hash):
        click.echo("The person had a sign-in before and keeps the password.")
    elif password is None:
        click.echo(f"Password: {wanted}")
        click.echo("It is shown this once.")


@staff.command("password")
@click.argument("email")
@click.option("--password", help="At least 6 characters. Without it one is made up and printed, once.")
@plainly
def change_password(email: str, password: str | None) -> None:
    """Give the person with EMAIL a new password, and sign the person out everywhere."""
    wanted = password or secrets.token_urlsafe(12)
    user = set_staff_password(email, wanted)
    click.echo(f"{user.name} <{user.email}> has a new password.")
    if password is None:
        click.echo(f"Password: {wanted}")
        click.echo("It is shown this once.")

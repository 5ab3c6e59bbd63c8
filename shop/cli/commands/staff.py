"""``tuza staff …``: staff accounts."""

import secrets

import click
from flask.cli import AppGroup

from shop.cli.command_errors import chosen_shop, shop_option, with_error_messages
from shop.db.tenant import use_shop
from shop.domain.statuses import Role
from shop.services.passwords import password_matches
from shop.services.staff.accounts import create_staff
from shop.services.staff.password import set_staff_password
from shop.services.staff.second_factor import reset_by_email

staff = AppGroup("staff", help="Create staff accounts and reset passwords.")


@staff.command("create")
@click.argument("email")
@shop_option
@click.option("--name", default="", help="Name. By default the part of EMAIL before the @.")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.OWNER.value,
    show_default=True,
    help="Owners and managers can view and change; clerks can view.",
)
@click.option("--password", help="At least 12 characters. By default one is generated and printed once.")
@with_error_messages
def create(email: str, slug: str | None, name: str, role: str, password: str | None) -> None:
    """Create a staff account for EMAIL.

    If EMAIL already has an account, its name and password stay and it gets the role in this shop.
    """
    shop = chosen_shop(slug)
    use_shop(shop.id)
    new_password = password or secrets.token_urlsafe(12)
    user = create_staff(email, new_password, name=name, role=role)
    click.echo(f"{user.name} <{user.email}> is now {role} of {shop.name}.")
    if not password_matches(new_password, user.password_hash):
        click.echo("The account already existed and keeps the password.")
    elif password is None:
        click.echo(f"Password: {new_password}")
        click.echo("This is the only time it is shown.")


@staff.command("password")
@click.argument("email")
@click.option("--password", help="At least 12 characters. By default one is generated and printed once.")
@with_error_messages
def change_password(email: str, password: str | None) -> None:
    """Set a new password for EMAIL and end all sessions of the account."""
    new_password = password or secrets.token_urlsafe(12)
    user = set_staff_password(email, new_password)
    click.echo(f"{user.name} <{user.email}> has a new password.")
    if password is None:
        click.echo(f"Password: {new_password}")
        click.echo("This is the only time it is shown.")


@staff.command("reset-second-factor")
@click.argument("email")
@with_error_messages
def reset_factor(email: str) -> None:
    """Remove the second factor of EMAIL, who has lost it: app, passkeys and recovery codes."""
    user = reset_by_email(email)
    click.echo(f"{user.name} <{user.email}> signs in with the password alone until a new second factor is set up.")

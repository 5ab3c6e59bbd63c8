"""What all commands share: they fail with a sentence, and they find the shop that is meant."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from sqlalchemy.exc import OperationalError

from shop.db.readiness import check_readiness
from shop.models import Shop
from shop.services.errors import ShopError
from shop.services.shops.shops import get_shop

Given = ParamSpec("Given")
Made = TypeVar("Made")

shop_option = click.option(
    "--shop", "slug", metavar="SLUG", help="Short name of the shop; not needed while there is only one."
)


def plainly(run: Callable[Given, Made]) -> Callable[Given, Made]:
    """Run a command against a database that is ready; a refusal becomes a sentence and exit code 1, not a trace."""

    @wraps(run)
    def told(*args: Given.args, **kwargs: Given.kwargs) -> Made:
        problems = check_readiness()
        if problems:
            raise click.ClickException(" ".join(problems))
        try:
            return run(*args, **kwargs)
        except ShopError as refused:
            raise click.ClickException(_sentence(refused.message)) from None
        except OperationalError:
            raise click.ClickException("The database cannot be reached any more. Try again.") from None

    return told


def _sentence(message: str) -> str:
    return message[:1].upper() + message[1:]


def chosen_shop(slug: str | None) -> Shop:
    """The shop named by ``--shop``, else the only one. Raises ClickException with what to do otherwise."""
    try:
        return get_shop(slug)
    except ShopError as refused:
        hint = "List them with: flask --app wsgi shop list" if slug or "several" in refused.message else CREATE_HINT
        raise click.ClickException(f"{refused.message} {hint}") from None


CREATE_HINT = 'Make one with: flask --app wsgi shop create "Name of the shop"'

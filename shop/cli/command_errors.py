"""Error handling for commands, and the ``--shop`` option."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from shop.db.failures import classify
from shop.db.readiness import check_readiness
from shop.domain.formats import capitalise
from shop.domain.text.cleaning import CONTROL
from shop.models import Shop
from shop.services.errors import ShopError
from shop.services.shops.shops import get_shop

Params = ParamSpec("Params")
Result = TypeVar("Result")

shop_option = click.option("--shop", "slug", metavar="SLUG", help="The shop's short name. Optional with a single shop.")


def with_error_messages(run: Callable[Params, Result]) -> Callable[Params, Result]:
    """Run a command only on a current database, and turn a ShopError into a message and exit code 1.

    Text of an argument that no database can store, as bytes that are not UTF-8 are, is refused alike.
    """

    @wraps(run)
    def wrapper(*args: Params.args, **kwargs: Params.kwargs) -> Result:
        if any(isinstance(value, str) and CONTROL.search(value) for value in kwargs.values()):
            raise click.ClickException("Arguments must be UTF-8 text without control characters.")
        problems = check_readiness()
        if problems:
            raise click.ClickException(" ".join(problems))
        try:
            return run(*args, **kwargs)
        except ShopError as error:
            raise click.ClickException(_sentence(error)) from None
        except SQLAlchemyError as error:
            failure = classify(error)
            if failure is None and not isinstance(error, OperationalError):
                raise
            lost = "The connection to the database was lost. Try again."
            raise click.ClickException(failure.detail if failure else lost) from None

    return wrapper


def _sentence(error: ShopError) -> str:
    """Return the message, which names the option that a field was given by."""
    if len(error.errors) == 1:
        [wrong] = error.errors
        for option in click.get_current_context().command.params:
            if isinstance(option, click.Option) and option.name in {wrong.field, wrong.field.removeprefix("shop_")}:
                return f"{option.opts[-1]} {wrong.message}."
    return capitalise(error.message)


def chosen_shop(slug: str | None) -> Shop:
    """Return the shop named by ``--shop``, or the only shop. Raise ClickException with a hint otherwise."""
    try:
        return get_shop(slug)
    except ShopError as error:
        hint = "List the shops: tuza shop list" if slug or "several" in error.message else CREATE_HINT
        raise click.ClickException(f"{error.message} {hint}") from None


CREATE_HINT = 'Create one: tuza shop create "Name of the shop"'

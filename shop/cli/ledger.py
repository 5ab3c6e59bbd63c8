"""``flask --app wsgi ledger …``: the ledger of points proves itself."""

import click
from flask.cli import AppGroup

from shop.cli.command_errors import chosen_shop, plainly, shop_option
from shop.cli.progress import progress
from shop.services.loyalty.verification import verify_ledger

ledger = AppGroup("ledger", help="Look after the ledger of points.")


@ledger.command("verify")
@shop_option
@plainly
def verify(slug: str | None) -> None:
    """Work every account of points out again from its entries, in one shop or (without --shop) in all.

    Each account that is off is named with its first wrong entry and the rule it breaks; the exit code is then 1.
    """
    shop_id = chosen_shop(slug).id if slug else None
    with progress("Checking the ledger") as show:
        proof = verify_ledger(shop_id, on_progress=show)
    for fault in proof.faults:
        click.echo(str(fault))
    checked = f"{_count(proof.accounts, 'account')} and {_count(proof.entries, 'entry', 'entries')} checked"
    if not proof.is_clean:
        raise click.ClickException(f"{checked}: {_count(len(proof.faults), 'account')} off.")
    click.echo(f"{checked}: all right.")


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"

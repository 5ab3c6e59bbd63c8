"""``tuza ledger …``: check the points ledger."""

import click
from flask.cli import AppGroup

from shop.cli.command_errors import chosen_shop, shop_option, with_error_messages
from shop.cli.progress import progress
from shop.services.loyalty.verification import verify_ledger

ledger = AppGroup("ledger", help="Check the points ledger.")


@ledger.command("verify")
@shop_option
@with_error_messages
def verify(slug: str | None) -> None:
    """Recalculate every points account from its entries, in one shop or (without --shop) in all.

    Prints each wrong account with its first wrong entry and the rule it breaks, and exits with 1.
    """
    shop_id = chosen_shop(slug).id if slug else None
    with progress("Checking the ledger") as show:
        proof = verify_ledger(shop_id, on_progress=show)
    for fault in proof.faults:
        click.echo(str(fault))
    checked = f"{_count(proof.accounts, 'account')} and {_count(proof.entries, 'entry', 'entries')} checked"
    if not proof.is_clean:
        raise click.ClickException(f"{checked}: {_count(len(proof.faults), 'account')} wrong.")
    click.echo(f"{checked}: no errors.")


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"

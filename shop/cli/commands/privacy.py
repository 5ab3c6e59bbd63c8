"""``tuza privacy …``: requests about personal data, exports, erasure, retention."""

import csv
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from flask.cli import AppGroup

from shop.cli.command_errors import chosen_shop, shop_option, with_error_messages
from shop.db.tenant import in_shop, use_shop
from shop.domain.ids import find_id
from shop.domain.text.spreadsheets import escape_formula
from shop.queries.privacy.affected import list_affected, report_affected
from shop.queries.privacy.archive import make_archive
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.customers.erasure.deletion import delete_customer
from shop.services.customers.records import find_customer, get_customer
from shop.services.errors import NotFound
from shop.services.privacy.erasure import repeat_erasures
from shop.services.privacy.requests import list_requests
from shop.services.privacy.retention import apply_retention, count_expired
from shop.services.shops.settings import get_settings
from shop.services.shops.shops import list_shops

OPERATOR = Actor("system", None, "Command line")
privacy = AppGroup("privacy", help="Answer requests about personal data; apply retention periods.")
person_argument = click.argument("person", metavar="PERSON")


@privacy.command("requests")
@shop_option
@click.option("--all", "everything", is_flag=True, help="Closed requests, too.")
@with_error_messages
def requests(slug: str | None, everything: bool) -> None:
    """List the open requests, the most urgent first."""
    use_shop(chosen_shop(slug).id)
    found = list_requests(is_open=None if everything else True, limit=1000)
    for one in found:
        overdue = ", OVERDUE" if one.state == "open" and one.due_at < clock.now() else ""
        due = one.due_at.astimezone(_zone()).date()
        click.echo(f"{one.id}  {one.kind}  {one.state}  due {due}{overdue}  {one.person or 'erased person'}")
    if not found:
        click.echo("No requests.")


@privacy.command("export")
@person_argument
@shop_option
@click.option("--to", "file", type=click.Path(path_type=Path), required=True, help="The zip file to write.")
@with_error_messages
def export(person: str, slug: str | None, file: Path) -> None:
    """Write all data of one PERSON (id, e-mail or phone) as JSON and CSV into a zip file."""
    use_shop(chosen_shop(slug).id)
    customer_id = _find(person)
    data = make_archive(customer_id)
    file.touch(mode=0o600)
    file.write_bytes(data)
    audit_log.record_alone(OPERATOR, "customer.data_exported", f"customer:{customer_id}")
    click.echo(f"{file}: all data of customer {customer_id}.")


@privacy.command("erase")
@person_argument
@shop_option
@click.confirmation_option("--yes", prompt="Erase this person? Nobody can undo it")
@with_error_messages
def erase(person: str, slug: str | None) -> None:
    """Erase one PERSON (id, e-mail or phone). Orders and points stay without a name."""
    use_shop(chosen_shop(slug).id)
    customer_id = _find(person)
    delete_customer(customer_id, OPERATOR)
    click.echo(f"Customer {customer_id} was erased, and will be erased again after a restore.")


@privacy.command("repeat-erasures")
@with_error_messages
def repeat() -> None:
    """Erase people again who were erased before; after a restore of an older backup."""
    click.echo(f"{repeat_erasures():,} people were erased again.")


@privacy.command("affected")
@click.argument("since", type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d"]))
@click.argument("until", type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d"]))
@shop_option
@with_error_messages
def affected(since: datetime, until: datetime, slug: str | None) -> None:
    """List as CSV whose data existed between two times of the shop, and how often the audit log names them."""
    use_shop(chosen_shop(slug).id)
    start, end = since.replace(tzinfo=_zone()), until.replace(tzinfo=_zone())
    report = report_affected(start, end)
    audit_log.record_alone(OPERATOR, "privacy.affected_exported", "customers")
    click.echo(f"{report.existing_count:,} people existed, {report.erased:,} were erased since.", err=True)
    click.echo(f"{report.exports_count:,} exports of lists; {report.named_count:,} people named in the log.", err=True)
    writer = csv.writer(sys.stdout)
    writer.writerow(["id", "name", "email", "phone", "times_named"])
    for one in list_affected(start, end):
        writer.writerow([one.id, escape_formula(one.name), escape_formula(one.email or ""), one.phone or "", one.named])


@privacy.command("retention")
@click.option("--dry-run", is_flag=True, help="Only say how many rows are too old.")
@with_error_messages
def retention(dry_run: bool) -> None:
    """Delete what is older than the retention periods of the shops."""
    if not dry_run:
        _show(apply_retention())
        return
    for shop in list_shops():
        with in_shop(shop.id):
            click.echo(f"{shop.slug}:")
            _show(count_expired())


def _show(counts: dict[str, int]) -> None:
    for name, count in counts.items():
        click.echo(f"  {name}: {count:,}")


def _find(person: str) -> int:
    """Return a customer's id by id, e-mail or phone. Raise NotFound."""
    customer_id = None if person.startswith("0") else find_id(person)
    if customer_id is not None:
        return get_customer(customer_id).id
    found = find_customer(email=person) if "@" in person else find_customer(phone=person)
    if found is None:
        raise NotFound("There is no such customer.", code="customer_not_found")
    return found.id


def _zone() -> ZoneInfo:
    return ZoneInfo(get_settings().values["shop_timezone"])

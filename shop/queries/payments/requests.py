"""Status requests to M-Pesa and their answers."""

from collections.abc import Collection, Mapping

from sqlalchemy import func, select

from shop.db.session import db
from shop.domain.payments.requests import RequestKind
from shop.models import ProviderRequest


def find_status_requests(receipts: Collection[str]) -> Mapping[str, ProviderRequest]:
    """Return the newest question about each receipt number, by the number in upper case."""
    row = ProviderRequest
    wanted = {receipt.strip().upper() for receipt in receipts}
    newest = select(func.max(row.id)).where(row.kind == RequestKind.STATUS, row.reference.in_(wanted))
    found = db.session.scalars(select(row).where(row.id.in_(newest.group_by(row.reference)))) if wanted else ()
    return {each.reference: each for each in found}

"""The merge of a customer that can still be undone."""

from sqlalchemy import select

from shop.db.session import db
from shop.models import CustomerMerge
from shop.services import clock
from shop.services.merging.customers import UNDO_WITHIN


def find_undoable(target_id: int) -> CustomerMerge | None:
    """Return the newest merge into a customer if it is not undone, nor too old to be."""
    newest = select(CustomerMerge).where(CustomerMerge.target_id == target_id, CustomerMerge.undone_at.is_(None))
    young = newest.where(CustomerMerge.created_at > clock.now() - UNDO_WITHIN)
    return db.session.scalars(young.order_by(CustomerMerge.id.desc())).first()

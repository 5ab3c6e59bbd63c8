"""Stored ledger entries."""

from sqlalchemy import select

from shop.db.session import db
from shop.models import LoyaltyAccount, LoyaltyEntry


def newest_entries(customer_id):
    """Return all entries of a customer, newest first."""
    db.session.expire_all()
    theirs = LoyaltyEntry.account.has(LoyaltyAccount.customer_id == customer_id)
    return db.session.scalars(select(LoyaltyEntry).where(theirs).order_by(LoyaltyEntry.seq.desc())).all()

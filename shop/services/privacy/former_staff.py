"""Accounts of people who no longer work in any shop."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, delete, func, or_, select, update

from shop.db.session import db
from shop.db.tenant import all_tenants
from shop.db.transaction import transaction
from shop.models import Base, Membership, StaffToken, StaffUser


def _left_before(cutoff: datetime) -> list[ColumnElement[bool]]:
    row = StaffUser
    return [
        row.updated_at < cutoff,
        or_(row.last_signed_in_at.is_(None), row.last_signed_in_at < cutoff),
        ~select(Membership.id).where(Membership.staff_user_id == row.id).exists(),
    ]


def count_former_staff(cutoff: datetime) -> int:
    """Return how many people left their last shop before ``cutoff``."""
    with all_tenants():
        return db.session.scalars(select(func.count(StaffUser.id)).where(*_left_before(cutoff))).one()


def delete_former_staff(cutoff: datetime) -> int:
    """Delete the accounts of people who left their last shop before ``cutoff``; return how many.

    Rows that refer to them are deleted, or lose the reference if it is optional. The ledger and the audit log keep the
    name under which they acted.
    """
    with all_tenants(), transaction() as session:
        people = session.execute(select(StaffUser.id, StaffUser.email).where(*_left_before(cutoff))).all()
        ids, emails = [row.id for row in people], [row.email for row in people]
        session.execute(delete(StaffToken).where(StaffToken.email.in_(emails)))
        for column in _references():
            of_them = column.in_(ids)
            statement = update(column.table).where(of_them).values({column: None})
            session.execute(statement if column.nullable else delete(column.table).where(of_them))
        session.execute(delete(StaffUser).where(StaffUser.id.in_(ids)))
    return len(ids)


def _references() -> list[Column[Any]]:
    """Return the columns of all tables that refer to a member of staff."""
    tables = Base.metadata.sorted_tables
    return [key.parent for table in tables for key in table.foreign_keys if key.column is StaffUser.__table__.c.id]

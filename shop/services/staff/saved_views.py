"""Saved views of a list: search, sort order and filters under a name, for one person."""

from collections.abc import Sequence

from sqlalchemy import func, select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.db.upsert import insert_or_ignore
from shop.models import SavedView
from shop.services import clock
from shop.services.errors import InvalidInput, NotFound

MOST = 20
"""Views of one list that a person can save."""
LONGEST_NAME = 40


def list_views(person_id: int, page: str) -> Sequence[SavedView]:
    """Return a person's views of a list in the session's shop, oldest first."""
    row = SavedView
    statement = select(row).where(row.staff_user_id == person_id, row.page == page).order_by(row.id)
    return db.session.scalars(statement).all()


def save_view(person_id: int, page: str, name: str, query: str) -> SavedView:
    """Save a query string under a name, replacing the person's view of that name.

    Raises InvalidInput for no name, one of more than 40 characters, and for the 21st view of a list.
    """
    name = " ".join(name.split())
    if not name:
        raise InvalidInput.of("name", "must not be empty")
    if len(name) > LONGEST_NAME:
        raise InvalidInput.of("name", "must have at most %(limit)s characters", limit=LONGEST_NAME)
    row = SavedView
    own = (row.staff_user_id == person_id, row.page == page)
    with transaction() as session:
        key = {"staff_user_id": person_id, "page": page, "name": name}
        unique = [row.staff_user_id, row.page, row.name]
        insert_or_ignore(row, unique, **key, query=query, created_at=clock.now())
        if session.scalars(select(func.count(row.id)).where(*own)).one() > MOST:
            raise InvalidInput.of(
                "name", "cannot be saved: there are already %(limit)s views; delete one first", limit=MOST
            )
        view = session.scalars(select(row).where(*own, row.name == name).with_for_update()).one()
        view.query = query
    return view


def delete_view(person_id: int, view_id: int) -> SavedView:
    """Delete one of a person's own views and return it. Raises NotFound, also for another person's."""
    row = SavedView
    with transaction() as session:
        statement = select(row).where(row.id == view_id, row.staff_user_id == person_id)
        view = session.scalars(statement.with_for_update()).first()
        if view is None:
            raise NotFound("There is no such view.", code="view_not_found")
        session.delete(view)
    return view

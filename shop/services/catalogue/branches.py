"""Branches: added and renamed by staff."""

from sqlalchemy import func, select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.text.cleaning import clean_line
from shop.models import Branch
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.errors import Conflict, InvalidInput, NotFound


def get_branch(branch_id: int) -> Branch:
    """Return a branch. Raise NotFound."""
    found = db.session.scalars(select(Branch).where(Branch.id == branch_id)).first()
    if found is None:
        raise NotFound("There is no such branch.", code="branch_not_found")
    return found


def save_branch(branch_id: int | None, name: str, actor: Actor) -> Branch:
    """Add a branch, or rename one. Raise NotFound, InvalidInput, and Conflict if another branch has the name."""
    name = clean_line(name)
    if not 1 <= len(name) <= 100:
        raise InvalidInput.of("name", "must have 1 to %(limit)s characters", limit=100)
    with transaction() as session:
        branch = get_branch(branch_id) if branch_id is not None else Branch(created_at=clock.now())
        taken = select(Branch.id).where(func.lower(Branch.name) == name.lower(), Branch.id != (branch_id or 0))
        if session.scalars(taken).first() is not None:
            raise Conflict("Another branch has this name.", code="branch_name_taken")
        before, branch.name = branch.name, name
        session.add(branch)
        session.flush()
        action = "branch.changed" if branch_id is not None else "branch.created"
        audit_log.record(actor, action, f"branch:{branch.id}", old=before, new=name)
        return branch

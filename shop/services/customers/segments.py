"""Saved segments of customers."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import func, select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.customers.segments import MOST_CONDITIONS, SegmentRules
from shop.domain.text.cleaning import clean_line
from shop.models import Segment
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.errors import InvalidInput, NotFound

MOST: Final = 50
LONGEST_NAME: Final = 60


def list_segments() -> Sequence[Segment]:
    """Return the shop's segments by name."""
    return db.session.scalars(select(Segment).order_by(Segment.name, Segment.id)).all()


def get_segment(segment_id: int) -> Segment:
    """Return a segment. Raise NotFound."""
    found = find_segment(segment_id)
    if found is None:
        raise NotFound("There is no such segment.", code="segment_not_found")
    return found


def find_segment(segment_id: int) -> Segment | None:
    """Return a segment, or None."""
    return db.session.scalars(select(Segment).where(Segment.id == segment_id)).first()


def save_segment(name: str, rules: SegmentRules, actor: Actor, *, segment_id: int | None = None) -> Segment:
    """Add a segment, or change one. Raise NotFound, InvalidInput for a name that is empty, too long or taken."""
    name = clean_line(name)
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidInput.of("name", "must have 1 to %(limit)s characters", limit=LONGEST_NAME)
    if not 1 <= len(rules.conditions) <= MOST_CONDITIONS:
        raise InvalidInput.of("conditions", "must be 1 to %(limit)s", limit=MOST_CONDITIONS)
    with transaction() as session:
        now = clock.now()
        segment = get_segment(segment_id) if segment_id else Segment(created_at=now)
        same = select(Segment.id).where(Segment.name == name, Segment.id != (segment_id or 0))
        if session.scalars(same).first() is not None:
            raise InvalidInput.of("name", "is the name of another segment")
        if segment_id is None and session.scalars(select(func.count(Segment.id))).one() >= MOST:
            raise InvalidInput.of("name", "can't be added: a shop has at most %(limit)s segments", limit=MOST)
        segment.name, segment.rules, segment.updated_at = name, rules.to_json(), now
        session.add(segment)
        action = "segment.changed" if segment_id else "segment.added"
        audit_log.record(actor, action, "segments", new=name)
        session.flush()
    return segment


def delete_segment(segment_id: int, actor: Actor) -> str:
    """Delete a segment; return its name. Raise NotFound."""
    with transaction() as session:
        segment = get_segment(segment_id)
        audit_log.record(actor, "segment.deleted", "segments", old=segment.name)
        session.delete(segment)
        return segment.name

"""Consents of customers with evidence: when, how, and to which text. Statements are only added."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.customers.privacy import MARKETING, ConsentKind, ConsentSource
from shop.domain.text.cleaning import clean_line
from shop.models import Consent
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.customers.records import hold_customer
from shop.services.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class ConsentStatement:
    """A statement of a customer: kind, yes or no, source, version of the text, and time (None is now)."""

    kind: str
    given: bool
    source: str
    text_version: str
    stated_at: datetime | None = None


def record_consent(customer_id: int, statement: ConsentStatement, actor: Actor) -> Consent:
    """Add a statement of a customer. Raise NotFound, InvalidInput."""
    if statement.kind not in list(ConsentKind):
        raise InvalidInput.of("kind", "must be one of %(choices)s", choices=", ".join(ConsentKind))
    if statement.source not in list(ConsentSource):
        raise InvalidInput.of("source", "must be one of %(choices)s", choices=", ".join(ConsentSource))
    version = clean_line(statement.text_version)
    if not 1 <= len(version) <= 64:
        raise InvalidInput.of("text_version", "must have 1 to 64 characters, such as poster 2026-01")
    now = clock.now()
    stated_at = statement.stated_at or now
    if stated_at > now:
        raise InvalidInput.of("stated_at", "must not be in the future")
    with transaction() as session:
        hold_customer(customer_id)
        consent = Consent(
            customer_id=customer_id,
            kind=statement.kind,
            given=statement.given,
            source=statement.source,
            text_version=version,
            recorded_by=actor.label,
            stated_at=stated_at,
            recorded_at=now,
        )
        session.add(consent)
        action = "consent.given" if statement.given else "consent.withdrawn"
        audit_log.record(actor, action, f"customer:{customer_id}", new=statement.kind)
        session.flush()
        return consent


def record_answers(
    customer_id: int, answers: Mapping[ConsentKind, bool], source: ConsentSource, text_version: str, actor: Actor
) -> int:
    """Add a statement for each answer that differs from the customer's newest one; return how many."""
    with transaction():
        hold_customer(customer_id)
        before = newest_answers(customer_id)
        changed = [(kind, given) for kind, given in answers.items() if before.get(kind, False) != given]
        for kind, given in changed:
            record_consent(customer_id, ConsentStatement(kind, given, source, text_version), actor)
        return len(changed)


def newest_answers(customer_id: int) -> dict[str, bool]:
    """Return a customer's newest statement of each kind: whether it is a consent."""
    return {consent.kind: consent.given for consent in reversed(list_consents(customer_id))}


def list_consents(customer_id: int) -> Sequence[Consent]:
    """Return a customer's statements, newest first."""
    row = Consent
    found = select(row).where(row.customer_id == customer_id).order_by(row.stated_at.desc(), row.id.desc())
    return db.session.scalars(found).all()


def has_consent(customer_id: int, kind: ConsentKind) -> bool:
    """Return whether the customer's newest statement of a kind is a consent."""
    row = Consent
    found = select(row.given).where(row.customer_id == customer_id, row.kind == kind)
    newest = found.order_by(row.stated_at.desc(), row.id.desc()).limit(1)
    return bool(db.session.scalars(newest).first())


def list_marketing_channels(customer_id: int) -> list[str]:
    """Return the message channels by which the customer agreed to marketing."""
    newest: dict[str, bool] = {}
    for statement in list_consents(customer_id):
        newest.setdefault(statement.kind, statement.given)
    return [channel for channel, kind in MARKETING.items() if newest.get(kind)]

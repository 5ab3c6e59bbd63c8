"""Ownership of verified phones and external ids, and the effects of a changed e-mail or phone."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from shop.db.session import db
from shop.domain.text.messages import N_, Translatable
from shop.models import Customer, OtpChallenge, OutboxMessage, RedemptionToken, ShopperLink, ShopperSession
from shop.services import audit_log, clock, outbox
from shop.services.actors import Actor
from shop.services.errors import Conflict, FieldError, InvalidInput
from shop.services.mailed_links import void_links
from shop.services.shops.settings import get_settings


def claim_phone(customer: Customer) -> None:
    """Mark a customer's phone as verified, in the caller's transaction.

    Raise Conflict with code ``phone_taken`` naming the customer whose verified phone it is.
    """
    if customer.phone is None:
        return
    same = select(Customer).where(Customer.phone == customer.phone, Customer.phone_verified_at.is_not(None))
    other = db.session.scalars(same.where(Customer.id != customer.id)).first()
    if other is not None:
        raise _taken(Translatable("is the phone of %(name)s (customer %(id)s)", name=other.full_name, id=other.id))
    try:
        with db.session.begin_nested():
            customer.phone_verified_at = clock.now()
            db.session.flush()
    except IntegrityError:  # another transaction verified it for someone else at the same moment
        raise _taken(N_("was just verified for another customer")) from None


def verify_phone(customer: Customer, actor: Actor, *, how: str) -> None:
    """Mark a locked customer's phone as verified, ``seen`` by staff or by a ``code`` sent to it; recorded.

    A channel that sends codes to phones calls this once a code was returned. Raise InvalidInput for no phone, Conflict
    with code ``phone_taken`` if it is another customer's verified phone.
    """
    if customer.phone is None:
        raise InvalidInput.of("phone", "is missing")
    if customer.phone_verified_at is None:
        claim_phone(customer)
        audit_log.record(actor, "customer.phone_verified", f"customer:{customer.id}", new=how)


def _taken(message: str) -> Conflict:
    error = FieldError("phone", message)
    return Conflict("The phone %(problem)s.", code="phone_taken", errors=[error], problem=error.message)


def find_by_external_id(external_id: str) -> int | None:
    """Return the id of the customer with an id of another system."""
    return db.session.scalars(select(Customer.id).where(Customer.external_id == external_id)).first()


def check_external_id(external_id: str | None, *, but: int | None = None) -> None:
    """Raise Conflict with code ``external_id_taken`` if another customer than ``but`` has it."""
    owner = find_by_external_id(external_id) if external_id else None
    if owner is not None and owner != but:
        other = Translatable("is the external id of customer %(id)s", id=owner)
        errors = [FieldError("external_id", other)]
        raise Conflict("Another customer has this external id.", code="external_id_taken", errors=errors)


def void_codes(customer_id: int) -> None:
    """Void a customer's open codes and delete their unused redemption tokens, in the caller's transaction."""
    codes = (OtpChallenge.customer_id == customer_id, OtpChallenge.voided_at.is_(None))
    for statement in (
        update(OtpChallenge).where(*codes).values(voided_at=clock.now()),
        delete(RedemptionToken).where(RedemptionToken.customer_id == customer_id, RedemptionToken.used_at.is_(None)),
    ):
        db.session.execute(statement)


HELD: Final = "customer.redemption_held"
"""The audit action of a hold; its actor made the change that started it."""


def hold_redemption(customer: Customer, actor: Actor) -> int:
    """Put redemption on hold for the shop's ``redemption_hold_hours`` if the actor is staff.

    Return the hours, 0 for no hold.
    """
    hours = int(get_settings().values["redemption_hold_hours"]) if actor.kind == "staff" else 0
    if hours:
        customer.redemption_held_until = clock.now() + timedelta(hours=hours)
        audit_log.record(actor, HELD, f"customer:{customer.id}", new=f"{hours} h")
    return hours


def is_held(until: datetime | None) -> bool:
    """Return whether a customer's ``redemption_held_until`` is in the future."""
    return until is not None and until > clock.now()


def enqueue_notice(notice: str, recipient: str | None, hours: int) -> None:
    """Enqueue one of the ``account_notice`` mails, in the caller's transaction; no-op without a recipient."""
    if recipient is not None:
        outbox.enqueue("account_notice", {"notice": notice, "held_hours": hours}, recipient=recipient)


def email_changed(customer_id: int, old: str | None, new: str | None, hours: int) -> None:
    """Void codes, links and sessions of the old e-mail, redirect pending mails, and notify the old address.

    ``hours`` is how long redemption is on hold.
    """
    void_codes(customer_id)
    if old is None:
        return
    void_links(ShopperLink, ShopperLink.email == old)
    for statement in (
        delete(ShopperSession).where(ShopperSession.customer_id == customer_id),
        update(OutboxMessage).where(OutboxMessage.recipient == old).values(recipient=new),
    ):
        db.session.execute(statement)
    outbox.enqueue("email_changed", {"customer_id": customer_id, "held_hours": hours}, recipient=old)

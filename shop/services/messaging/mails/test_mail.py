"""Test mails and test SMS, and the state of the shop's outbox."""

from dataclasses import dataclass

from sqlalchemy import func, select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.text.messages import N_
from shop.models import OutboxMessage
from shop.services import audit_log, outbox, rate_limits
from shop.services.actors import Actor
from shop.services.customers.records import clean_phone
from shop.services.rate_limits import TRIAL_SMS_PER_MEMBER


@dataclass(frozen=True, slots=True)
class MailState:
    """The number of mails waiting, of those that failed, and the newest failure's reason."""

    waiting: int
    failing: int
    last_error: str | None


def send_trial(email: str, actor: Actor) -> None:
    """Queue a test mail to a staff member's address."""
    with transaction():
        outbox.enqueue("mail_trial", {}, recipient=email)
        audit_log.record(actor, "setting.mail_tried", "mail")


def send_trial_sms(phone: str, actor: Actor) -> None:
    """Queue a test SMS to a staff member's phone. Raise InvalidInput for a bad number, TooOften."""
    number = clean_phone(phone)
    with transaction():
        message = N_("Several test SMS were sent. Try again later.")
        rate_limits.hit(f"sms-trial:{actor.id}", TRIAL_SMS_PER_MEMBER, message=message)
        outbox.enqueue("sms_trial", {}, recipient=None, channel="sms", phone=number)
        audit_log.record(actor, "setting.sms_tried", "mail")


def mail_state() -> MailState:
    """Return the state of the session's shop's outgoing mail."""
    waiting = OutboxMessage.state == "waiting"
    failed = waiting & OutboxMessage.last_error.is_not(None)
    counted = db.session.execute(
        select(func.count(OutboxMessage.id).filter(waiting), func.count(OutboxMessage.id).filter(failed))
    ).one()
    newest = select(OutboxMessage.last_error).where(failed).order_by(OutboxMessage.id.desc()).limit(1)
    return MailState(counted[0], counted[1], db.session.scalars(newest).first())

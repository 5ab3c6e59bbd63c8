"""Test mails, and the state of the shop's outbox."""

from dataclasses import dataclass

from sqlalchemy import func, select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import OutboxMessage
from shop.services import audit_log, outbox
from shop.services.actors import Actor


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


def mail_state() -> MailState:
    """Return the state of the session's shop's outgoing mail."""
    waiting = OutboxMessage.state == "waiting"
    failed = waiting & OutboxMessage.last_error.is_not(None)
    counted = db.session.execute(
        select(func.count(OutboxMessage.id).filter(waiting), func.count(OutboxMessage.id).filter(failed))
    ).one()
    newest = select(OutboxMessage.last_error).where(failed).order_by(OutboxMessage.id.desc()).limit(1)
    return MailState(counted[0], counted[1], db.session.scalars(newest).first())

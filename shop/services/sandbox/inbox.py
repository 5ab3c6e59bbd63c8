"""The messages of a sandbox shop: rendered as they would be, and kept instead of sent."""

import logging
from collections.abc import Sequence

from sqlalchemy import func, select

from shop.db.session import db
from shop.db.tenant import current_shop_id
from shop.db.transaction import transaction
from shop.models import SandboxMessage
from shop.observability.json_logging import error_location
from shop.services import clock, outbox
from shop.services.app_config import app_config
from shop.services.messaging.channels.registry import list_channels
from shop.services.messaging.mails.mail_composer import compose
from shop.services.outbox import ClaimedMessage

BATCH = 50
MARK = "[Sandbox] "

log = logging.getLogger("tuza.sandbox")


def deliver_messages() -> int:
    """Put the messages of the session's shop that are due into its inbox; return how many."""
    claimed = outbox.claim(BATCH, list_channels(), current_shop_id())
    for message in claimed:
        try:
            _deliver(message)
        except Exception as error:  # tried again later, as one that could not be sent
            db.session.rollback()
            outbox.retry_later(message, error_location(error))
            log.warning("message %s of a sandbox: %s", message.id, error_location(error))
    return len(claimed)


def _deliver(message: ClaimedMessage) -> None:
    rendered = compose(message, app_config()["SECRET_KEY"])
    with transaction() as session:
        if rendered is not None:
            session.add(
                SandboxMessage(
                    kind=message.kind,
                    channel=message.channel,
                    recipient=rendered.recipient,
                    subject=MARK + rendered.subject,
                    text=rendered.text,
                    sent_at=clock.now(),
                )
            )
        outbox.mark_done(message, "sent" if rendered is not None else "dropped")


def list_messages(*, limit: int, offset: int, recipient: str = "") -> tuple[Sequence[SandboxMessage], int]:
    """Return messages of the session's shop that would have been sent, newest first, and how many there are."""
    row = SandboxMessage
    found = select(row).where(row.recipient == recipient) if recipient else select(row)
    total = db.session.scalars(select(func.count()).select_from(found.subquery())).one()
    return db.session.scalars(found.order_by(row.id.desc()).limit(limit).offset(offset)).all(), total

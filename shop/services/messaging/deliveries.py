"""Deliveries of messages to phones, recorded around each request to a provider and by its reports.

The row is written before the request. A worker that finds it still ``sending`` cannot know whether the provider
accepted the message: it sends it again, and the row says that the person may have got it twice.
"""

from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select

from shop.db.session import db
from shop.db.tenant import in_shop
from shop.db.transaction import transaction
from shop.db.upsert import insert_or_ignore, purge_batch
from shop.models import DeliveryReport, MessageDelivery
from shop.services import clock, outbox
from shop.services.messaging.channels.base import DeliveryFailed, Receipt, Refused, Unanswered
from shop.services.outbox import KEPT, ClaimedMessage

DELIVERIES_KEPT: Final = timedelta(days=400)


def begin_delivery(message: ClaimedMessage, segments: int) -> None:
    """Record that a message is handed to its channel's provider now."""
    now = clock.now()
    with in_shop(message.shop_id), transaction() as session:
        is_new = insert_or_ignore(
            MessageDelivery,
            [MessageDelivery.outbox_id, MessageDelivery.channel],
            outbox_id=message.id,
            kind=message.kind,
            channel=message.channel,
            state="sending",
            may_repeat=False,
            segments=segments,
            reason="",
            created_at=now,
            updated_at=now,
        )
        if not is_new:
            row = _lock(message)
            row.may_repeat = row.may_repeat or row.state == "sending"
            row.state, row.segments, row.updated_at = "sending", segments, now
            session.flush()


def end_delivery(message: ClaimedMessage, receipt: Receipt) -> None:
    """Record that the provider accepted a message, and close it."""
    with in_shop(message.shop_id):
        with transaction() as session:
            row = _lock(message)
            row.state, row.reason, row.updated_at = "accepted", "", clock.now()
            row.provider_id, row.cost_e4, row.currency = receipt.provider_id, receipt.cost_e4, receipt.currency
            session.flush()
            outbox.mark_done(message, "sent")
        _apply_early_report(message.channel, receipt.provider_id)


def fail_delivery(message: ClaimedMessage, error: DeliveryFailed) -> None:
    """Record why the provider did not accept a message."""
    with in_shop(message.shop_id), transaction() as session:
        row = _lock(message)
        row.state = "refused" if isinstance(error, Refused) else "waiting"
        row.may_repeat = row.may_repeat or isinstance(error, Unanswered)
        row.reason, row.updated_at = str(error), clock.now()
        session.flush()


def report_delivery(channel: str, provider_id: str, state: str, reason: str) -> None:
    """Apply a provider's final report, ``delivered`` or ``failed``, in the session's shop; later ones change nothing.

    A report that is earlier than the provider's own answer is kept until that is recorded. A message that failed goes
    by its next channel, if it has one.
    """
    if _report(channel, provider_id, state, reason):
        return
    with transaction():
        insert_or_ignore(
            DeliveryReport,
            [DeliveryReport.channel, DeliveryReport.provider_id],
            channel=channel,
            provider_id=provider_id,
            state=state,
            reason=reason,
            received_at=clock.now(),
        )
    # the answer may have been recorded between the two transactions
    _apply_early_report(channel, provider_id)


def _apply_early_report(channel: str, provider_id: str) -> None:
    row = DeliveryReport
    early = select(row).where(row.channel == channel, row.provider_id == provider_id)
    found = db.session.scalars(early).first()
    if found is not None and _report(channel, provider_id, found.state, found.reason):
        with transaction() as session:
            session.execute(delete(row).where(row.channel == channel, row.provider_id == provider_id))


def _report(channel: str, provider_id: str, state: str, reason: str) -> bool:
    """Apply a report; return whether its message is known."""
    row = MessageDelivery
    found = select(row).where(row.channel == channel, row.provider_id == provider_id).with_for_update()
    with transaction() as session:
        delivery = session.scalars(found, execution_options={"populate_existing": True}).first()
        if delivery is None:
            return False
        if delivery.state not in {"delivered", "failed"}:
            delivery.state, delivery.reason, delivery.updated_at = state, reason, clock.now()
            session.flush()
            if state == "failed":
                outbox.reopen(delivery.outbox_id, channel)
        return True


def _lock(message: ClaimedMessage) -> MessageDelivery:
    row = MessageDelivery
    own = select(row).where(row.outbox_id == message.id, row.channel == message.channel).with_for_update()
    return db.session.scalars(own, execution_options={"populate_existing": True}).one()


def purge_message_deliveries() -> int:
    """Delete deliveries of the session's shops after 400 days, for a year's figures; return how many."""
    return purge_batch(MessageDelivery, MessageDelivery.created_at < clock.now() - DELIVERIES_KEPT)


def purge_reports() -> int:
    """Delete reports of the session's shops about messages that never became known; return how many."""
    return purge_batch(DeliveryReport, DeliveryReport.received_at < clock.now() - KEPT)

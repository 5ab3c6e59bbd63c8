"""Messages to people: written in the transaction that causes them, sent at least once by a worker.

The payload has ids of rows and never a code or a token; texts are rendered when a message is sent. A worker claims
messages for a lease. If it crashes, even after sending, another worker sends the message after the lease: a message may
be sent twice, but is never lost.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Update, bindparam, insert, select, update

from shop.db.prepared import PreparedQuery, table
from shop.db.tenant import all_tenants
from shop.db.transaction import transaction
from shop.db.upsert import purge_batch
from shop.models import OutboxMessage, Shop
from shop.models.outbox import DEFAULT_CHANNEL
from shop.services import clock

LEASE = timedelta(seconds=60)
RETRY_BACKOFF = tuple(timedelta(seconds=seconds) for seconds in (5, 15, 60, 300, 900))
"""Before the second attempt, the third, …; the last one is used up to :data:`MANY_ATTEMPTS` attempts."""
MANY_ATTEMPTS = 50
_M = table(OutboxMessage).c
_PUT = PreparedQuery(insert(table(OutboxMessage)))
_CLOSE = PreparedQuery(
    update(table(OutboxMessage))
    .where(_M.id == bindparam("message"), _M.state == "waiting")
    .values(state=bindparam("became"), finished_at=bindparam("now", type_=_M.finished_at.type), last_error=None),
    all_tenants=True,
)
LONG_BACKOFF = timedelta(hours=1)
KEPT = timedelta(days=30)
KEPT_WITHOUT_RECIPIENT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ClaimedMessage:
    """A message claimed by a worker until its lease ends. ``attempts`` includes this one and identifies the claim."""

    id: int
    shop_id: int
    kind: str
    payload: dict[str, Any]
    recipient: str | None
    attempts: int
    created_at: datetime
    channel: str = DEFAULT_CHANNEL
    phone: str | None = None
    fallbacks: Sequence[str] = ()


def enqueue(
    kind: str,
    payload: dict[str, Any],
    *,
    recipient: str | None,
    due_at: datetime | None = None,
    channel: str = DEFAULT_CHANNEL,
    phone: str | None = None,
    fallbacks: Sequence[str] = (),
) -> None:
    """Add a message of the session's shop to the outbox, in the caller's transaction.

    ``recipient`` is the e-mail address. ``fallbacks`` are the channels to try, in order, if ``channel`` refuses it.
    """
    now, others = clock.now(), list(fallbacks)
    _PUT(
        kind=kind,
        payload=payload,
        recipient=recipient,
        phone=phone,
        due_at=due_at or now,
        created_at=now,
        channel=channel,
        fallbacks=others,
    )


def claim(count: int, channels: Collection[str], sandbox_id: int | None = None) -> list[ClaimedMessage]:
    """Claim up to ``count`` due messages of all shops for some channels, the longest due first, for a lease.

    Never those of sandbox shops, which are not sent, unless ``sandbox_id`` asks for one's messages alone.

    One statement: concurrent workers never get the same message. The choice is in a WITH because PostgreSQL
    may run a plain subquery several times, and would then take more than ``count``.
    """
    row = OutboxMessage
    now = clock.now()
    shops = row.shop_id.not_in(select(Shop.id).where(Shop.sandbox)) if sandbox_id is None else row.shop_id == sandbox_id
    due = (
        select(row.id)
        .where(row.state == "waiting", row.due_at <= now, row.channel.in_(channels), shops)
        .order_by(row.due_at, row.id)
        .limit(count)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    # a claim returns columns; no object is loaded that could be synchronised
    statement = (
        update(row)
        .where(row.id.in_(select(due.c.id)))
        .values(due_at=now + LEASE, attempts=row.attempts + 1)
        .returning(*(getattr(row, field.name) for field in fields(ClaimedMessage)))
        .execution_options(synchronize_session=False)
    )
    with all_tenants(), transaction() as session:
        return sorted((ClaimedMessage(*found) for found in session.execute(statement)), key=lambda found: found.id)


def mark_done(message: ClaimedMessage, state: Literal["sent", "dropped"]) -> None:
    """Close a message: it was sent, or it is obsolete."""
    with transaction():
        _CLOSE(message=message.id, became=state, now=clock.now())


def retry_later(message: ClaimedMessage, error: str) -> None:
    """Store why a message could not be sent, as shown to staff, and when to retry.

    No-op if another worker claimed the message after the lease.
    """
    _run(_claimed(message).values(due_at=clock.now() + retry_delay(message.attempts), last_error=error))


def fall_back(message: ClaimedMessage) -> None:
    """Make a message due on its next channel; no-op if another worker claimed it after the lease."""
    channel, *others = message.fallbacks
    _run(_claimed(message).values(channel=channel, fallbacks=others, due_at=clock.now(), last_error=None))


def give_up(message: ClaimedMessage, error: str) -> None:
    """Close a message that its last channel refused, with the reason as shown to staff."""
    _run(_claimed(message).values(state="dropped", finished_at=clock.now(), last_error=error))


def reopen(message_id: int, channel: str) -> bool:
    """Make a message of the session's shop due on its next channel after ``channel`` reported a failure.

    Return whether it has such a channel.
    """
    row = OutboxMessage
    sent = select(row).where(row.id == message_id, row.state == "sent", row.channel == channel).with_for_update()
    with transaction() as session:
        message = session.scalars(sent).first()
        if message is None or not message.fallbacks:
            return False
        message.channel, *message.fallbacks = message.fallbacks
        message.state, message.due_at, message.finished_at = "waiting", clock.now(), None
        session.flush()
        return True


def release(messages: Sequence[ClaimedMessage]) -> None:
    """Release claimed messages that were not attempted."""
    for message in messages:
        _run(_claimed(message).values(due_at=clock.now(), attempts=message.attempts - 1))


def retry_delay(attempts: int) -> timedelta:
    """Return the delay after a number of failures: 5 s, 15 s, 1 min, 5 min, then 15 min, and 1 h from the 50th on."""
    return LONG_BACKOFF if attempts >= MANY_ATTEMPTS else RETRY_BACKOFF[min(attempts, len(RETRY_BACKOFF)) - 1]


def _claimed(message: ClaimedMessage) -> Update:
    row = OutboxMessage
    return update(row).where(row.id == message.id, row.state == "waiting", row.attempts == message.attempts)


def _run(statement: Update) -> None:
    with all_tenants(), transaction() as session:
        session.execute(statement.execution_options(synchronize_session=False))


def purge_messages() -> int:
    """Delete messages of the session's shops that were sent or dropped 30 days ago or more; return how many.

    Messages without a recipient, which hide that a person is unknown, are deleted after a day.
    """
    row, now = OutboxMessage, clock.now()
    done = row.state.in_(("sent", "dropped"))
    # due_at is at most a lease after finished_at, and it is indexed
    old = purge_batch(row, done, row.due_at < now - KEPT, row.finished_at < now - KEPT)
    before = now - KEPT_WITHOUT_RECIPIENT
    return old + purge_batch(row, done, row.recipient.is_(None), row.due_at < before, row.finished_at < before)

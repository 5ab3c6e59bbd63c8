"""Payment attempts, each one request to a provider for an order's money. Callers hold the order's lock."""

from datetime import timedelta

from sqlalchemy import func, select, text

from shop.db.session import db
from shop.db.tenant import all_tenants
from shop.domain.codes import hash_secret, new_token
from shop.domain.text.messages import Translatable, dumps, loads
from shop.models import PaymentAttempt
from shop.models.orders.order import OrderColumns
from shop.models.payments.payment import UNDER_WAY
from shop.services import clock
from shop.services.payments.providers.registry import provider_of

FIRST_QUERY = timedelta(seconds=30)
ASKED_FOR = timedelta(seconds=90)
"""How long a customer is prompted at most; later results are not expected."""


def open_attempt(order: OrderColumns, method_code: str, amount_cents: int, phone: str) -> tuple[PaymentAttempt, str]:
    """Create an attempt of a locked order; return it with the secret of its callback URL."""
    count = select(func.count(PaymentAttempt.id)).where(PaymentAttempt.order_id == order.id)
    number = db.session.scalars(count).one() + 1
    token, now = new_token(), clock.now()
    attempt = PaymentAttempt(
        order_id=order.id,
        method_code=method_code,
        reference=f"{order.order_number}-{number}",
        amount_cents=amount_cents,
        phone=phone,
        token_hash=hash_secret(token),
        state="starting",
        query_at=now + FIRST_QUERY,
        created_at=now,
        updated_at=now,
    )
    db.session.add(attempt)
    db.session.flush()
    return attempt, token


def find_under_way(order_id: int) -> PaymentAttempt | None:
    """Return the order's pending attempt; None if there is none."""
    found = select(PaymentAttempt).where(text(UNDER_WAY), PaymentAttempt.order_id == order_id)
    return db.session.scalars(found.execution_options(populate_existing=True)).first()


def find_newest(order_id: int) -> PaymentAttempt | None:
    """Return the order's last attempt."""
    found = select(PaymentAttempt).where(PaymentAttempt.order_id == order_id).order_by(PaymentAttempt.id.desc())
    return db.session.scalars(found.limit(1)).first()


def list_attempts(order_id: int) -> list[PaymentAttempt]:
    """Return the order's attempts, oldest first."""
    found = select(PaymentAttempt).where(PaymentAttempt.order_id == order_id).order_by(PaymentAttempt.id)
    return list(db.session.scalars(found))


def lock_attempt(attempt_id: int) -> PaymentAttempt:
    """Return an attempt of a locked order as currently stored."""
    found = select(PaymentAttempt).where(PaymentAttempt.id == attempt_id).with_for_update()
    return db.session.scalars(found.execution_options(populate_existing=True)).one()


def find_by_token(token: str) -> PaymentAttempt | None:
    """Return the attempt with a callback secret, in any shop."""
    with all_tenants():
        found = select(PaymentAttempt).where(PaymentAttempt.token_hash == hash_secret(token))
        return db.session.scalars(found).first()


def lapse_attempt(attempt: PaymentAttempt) -> None:
    """End an attempt without a result, in the caller's transaction."""
    name = provider_of(attempt.method_code).name
    close_attempt(attempt, "lapsed", "", Translatable("%(name)s did not answer. Try again.", name=name))


def close_attempt(attempt: PaymentAttempt, state: str, code: str, message: str) -> None:
    """End an attempt, in the caller's transaction."""
    attempt.state, attempt.result_code, attempt.message = state, code[:64], dumps(message)
    attempt.updated_at = clock.now()
    db.session.flush()


def attempt_message(attempt: PaymentAttempt) -> Translatable:
    """Return the customer's message about an attempt."""
    if attempt.message:
        return loads(attempt.message)
    return Translatable(provider_of(attempt.method_code).checkout_texts({}, is_connected=True).waiting)

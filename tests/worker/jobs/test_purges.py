"""Purges: expired rows are deleted in every shop; rows that wait or are in use stay."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from shop.db.session import db
from shop.db.tenant import all_tenants
from shop.db.transaction import transaction
from shop.models import CheckoutSession, IdempotencyRecord, OtpChallenge, OutboxMessage, RateWindow
from shop.services import clock
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.checkout.sessions import open_checkout
from shop.services.loyalty.otp import OtpConfig, send_code
from shop.services.rate_limits import Limit, hit
from shop.worker.jobs.outbox import send_due_messages
from shop.worker.jobs.purges import purge_all
from tests import factories


@pytest.fixture
def filing(private_app: Flask) -> Iterator[Flask]:
    """An application that writes mails to files, inside a context of a new shop."""
    with private_app.app_context():
        factories.make_shop()
        yield private_app


def count_rows() -> dict[str, int]:
    with all_tenants(), transaction():
        return {
            model.__tablename__: db.session.scalars(select(func.count()).select_from(model)).one()
            for model in (CheckoutSession, IdempotencyRecord, OtpChallenge, OutboxMessage, RateWindow)
        }


def leave_traces(app: Flask) -> None:
    customer = factories.make_customer()
    config = OtpConfig(app.config["SECRET_KEY"])
    send_code(email=customer.email, phone=None, address="192.0.2.1", config=config)
    factories.place(customer, [(factories.make_product(), 1)])
    open_checkout([CartLine(factories.make_product().id, 1)], "", "192.0.2.1")
    now = clock.now()
    with transaction() as session:
        session.add(
            IdempotencyRecord(
                caller="c",
                key="k",
                fingerprint="f",
                state="done",
                owner="o",
                leased_until=now,
                expires_at=now + timedelta(hours=24),
            )
        )


def test_purging_takes_what_is_old_in_all_tenants_and_nothing_else(filing: Flask) -> None:
    leave_traces(filing)
    factories.make_shop()
    leave_traces(filing)
    while send_due_messages(filing.config):
        pass
    everything = count_rows()
    assert purge_all() == 0
    with clock.moved_to(clock.now() + timedelta(minutes=119)):
        purge_all()
    everything |= {"rate_windows": 2}  # of the mails to each customer, kept for a day
    assert count_rows() == everything
    with clock.moved_to(clock.now() + timedelta(hours=23)):
        purge_all()
    everything |= {"checkout_sessions": 0}
    assert count_rows() == everything
    with clock.moved_to(clock.now() + timedelta(hours=25)):
        purge_all()
    assert count_rows() == everything | {"otp_challenges": 0, "idempotency_records": 0, "rate_windows": 0}
    with clock.moved_to(clock.now() + timedelta(days=31)):
        purge_all()
    assert set(count_rows().values()) == {0}


def test_a_message_without_recipient_is_purged_after_a_day(filing: Flask) -> None:
    config = OtpConfig(filing.config["SECRET_KEY"])
    send_code(email="nobody@example.com", phone=None, address="192.0.2.1", config=config)
    while send_due_messages(filing.config):
        pass
    for hours, left in ((23, 1), (25, 0)):
        with clock.moved_to(clock.now() + timedelta(hours=hours)):
            purge_all()
        assert count_rows()["outbox_messages"] == left


def test_a_message_that_waits_is_never_purged(filing: Flask) -> None:
    factories.place(factories.make_customer(), [(factories.make_product(), 1)])
    with clock.moved_to(clock.now() + timedelta(days=400)):
        purge_all()
    with all_tenants(), transaction():
        assert list(db.session.scalars(select(OutboxMessage.state))) == ["waiting"]


def test_purging_skips_locked_rows(filing: Flask, engine_name: str) -> None:
    """On PostgreSQL a locked row is skipped; SQLite has one writer at a time anyway."""
    with transaction():
        hit("one", Limit(1, 60), message="")
        hit("two", Limit(1, 60), message="")
    later = clock.now() + timedelta(hours=2)
    with db.engine.connect() as other:
        if engine_name == "postgresql":
            other.execute(text("SELECT id FROM rate_windows WHERE bucket = 'one' FOR UPDATE"))
        with clock.moved_to(later):
            assert purge_all() == (1 if engine_name == "postgresql" else 2)
        other.rollback()

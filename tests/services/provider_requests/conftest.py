"""A shop that may send requests about transactions to the stand-in of Daraja, and their results over HTTP."""

from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import ProviderRequest
from shop.services.payments.config import PaymentConfig
from tests.support.daraja import FakeDaraja
from tests.support.payments import connect_initiator


@pytest.fixture
def daraja():
    server = FakeDaraja()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def policy(app, daraja, inside, monkeypatch):
    monkeypatch.setitem(app.config, "DARAJA_URL", daraja.url)
    policy = PaymentConfig.of(app.config)
    inside(connect_initiator, policy, payout_short_code="600992")
    return policy


@pytest.fixture
def deliver(client):
    """Send a result to the address of a request; return the status."""

    def deliver(sent, body, *, timeout=False):
        address = sent["QueueTimeOutURL" if timeout else "ResultURL"]
        return client.post(urlsplit(address).path, json=body).status_code

    return deliver


@pytest.fixture
def requests(inside):
    """Return the requests of the shop, oldest first: kind, state, result code."""
    row = ProviderRequest
    found = select(row.kind, row.state, row.result_code).order_by(row.id)
    return lambda: inside(lambda: [tuple(each) for each in db.session.execute(found)])

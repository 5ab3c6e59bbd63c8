"""A receiver, and what a worker does for one shop."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import update

from shop.db.tenant import all_tenants
from shop.db.transaction import transaction
from shop.models import WebhookEndpoint
from shop.services.events.numbering import number_events
from shop.services.webhooks.deliveries import create_deliveries
from shop.services.webhooks.endpoints import list_endpoints
from shop.services.webhooks.requests import post
from shop.services.webhooks.sending import claim, finish
from tests.support.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of webhooks."""
    with receiving() as server:
        yield server


@pytest.fixture(autouse=True)
def _alone(app):
    """Other tests' endpoints in the same database are off: a worker sends for all shops."""
    with app.app_context(), all_tenants(), transaction() as session:
        session.execute(update(WebhookEndpoint).values(enabled=False))


@pytest.fixture
def work(ctx) -> Callable[[], int]:
    """Number the events, create the deliveries and send what is due, as the worker does; return how many were sent."""

    def work() -> int:
        number_events()
        for endpoint in list_endpoints():
            create_deliveries(endpoint.id)
        sent = 0
        while requests := claim(10):
            for request in requests:
                finish(request, post(request.url, request.headers, request.body, allow_private=True, timeout_ms=5_000))
            sent += len(requests)
        return sent

    return work

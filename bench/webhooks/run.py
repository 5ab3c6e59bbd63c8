"""Events to all receivers, from workers that are killed; what was lost, and how late the others are."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import func, select, update

from bench.webhooks.receiver import NAMES, Receivers
from bench.webhooks.worker import Setting, start
from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.webhooks import DeliveryStatus
from shop.models import Event, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from shop.services import clock
from shop.services.customers.records import update_customer
from shop.services.events.numbering import number_events
from shop.services.webhooks.endpoints import create_endpoint, list_endpoints, rotate_secret
from tests import factories

EVENTS = 8
"""For each life of a worker."""
PATIENCE_SECONDS = 120
"""Without any request."""


@dataclass
class Run:
    """A shop with an endpoint at each receiver."""

    app: Flask
    setting: Setting
    receivers: Receivers
    shop_id: int
    customers: list[int]
    last_sequence: int = 0
    made: int = 0


def prepare(app: Flask, setting: Setting, receivers: Receivers) -> Run:
    """Create the shop, its customers and endpoints, in the session's app context."""
    shop = factories.make_shop()
    customers = [factories.make_customer().id for _ in range(5)]
    for name in NAMES:
        signature = "v1a" if name == "ed25519" else "v1"
        endpoint, key = create_endpoint(receivers.url(name), ["*"], factories.TESTER, signature=signature)
        receivers.seen.keys[name].append((0, key))
    return Run(app, setting, receivers, shop.id, customers, endpoint.last_sequence)


def kill_at_work(run: Run, kills: int, on_kill: Callable[[int], object]) -> None:
    """Make events, and kill each worker in the middle of them; the last one delivers what is left."""
    chance = random.Random(run.setting.seed)
    for life in range(kills):
        worker, began = start(run.setting), len(run.receivers.seen.requests)
        make_events(run, EVENTS)
        run.receivers.wait_for(began + chance.randint(1, 40), 10)
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        worker.join()
        hurry(release=True)
        if life == kills // 2:
            _rotate(run)
        on_kill(life + 1)


def _rotate(run: Run) -> None:
    sound = next(endpoint for endpoint in list_endpoints() if endpoint.url == run.receivers.url("sound"))
    since = time.time()  # nothing is signed meanwhile: the worker was killed
    run.receivers.seen.keys["sound"].insert(0, (since, rotate_secret(sound.id, factories.TESTER)[1]))


def deliver_the_rest(run: Run) -> None:
    """Run a worker until nothing is waiting."""
    worker, count, end = start(run.setting), -1, 0.0
    while waiting():
        if count != len(run.receivers.seen.requests):
            count, end = len(run.receivers.seen.requests), time.monotonic() + PATIENCE_SECONDS
        if time.monotonic() > end:
            break
        time.sleep(0.2)
        hurry(release=False)
    worker.terminate()
    worker.join()


def lateness_beside_a_slow_endpoint(run: Run) -> float:
    """Return the seconds that deliveries to the sound endpoint take at most while another one hangs."""
    worker, receivers = start(run.setting), run.receivers
    receivers.is_hanging = True
    make_events(run, 1)
    _wait(lambda: len(receivers.seen.accepted["sound"]) == run.made)  # the worker has started
    receivers.seen.late["sound"].clear()
    hung = receivers.seen.faults["hangs"]
    for _ in range(EVENTS):
        make_events(run, 1)
    _wait(lambda: len(receivers.seen.accepted["sound"]) == run.made)
    if receivers.seen.faults["hangs"] > hung + 1:
        receivers.seen.wrong.append("the sound endpoint waited until a slow request had ended")
    receivers.is_hanging = False
    _wait(lambda: timed_out() > 0)
    worker.terminate()
    worker.join()
    return max(receivers.seen.late["sound"], default=0)


def _wait(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so() and time.monotonic() < end:
        time.sleep(0.02)


def make_events(run: Run, count: int) -> None:
    """Rename a customer, time and again."""
    for _ in range(count):
        run.made += 1
        update_customer(run.customers[run.made % 5], factories.TESTER, first_name=f"Name {run.made}")


def hurry(*, release: bool) -> None:
    """Make what waits due now; ``release`` ends the leases of a worker that was killed."""
    row, now = WebhookDelivery, clock.real_now()
    waiting = update(row).where(row.status == DeliveryStatus.WAITING, row.due_at > now).values(due_at=now, tries=0)
    leases = update(WebhookEndpoint).values(leased_until=now)
    with transaction() as session:
        for statement in (waiting, leases) if release else (waiting,):
            session.execute(statement.execution_options(synchronize_session=False))


def waiting() -> int:
    """Return how many deliveries wait, and how many endpoints have events without a delivery."""
    number_events()
    row, newest = WebhookDelivery, select(func.max(Event.sequence)).scalar_subquery()
    behind = select(func.count(WebhookEndpoint.id)).where(
        WebhookEndpoint.enabled, WebhookEndpoint.last_sequence < newest
    )
    due = select(func.count(row.id)).where(row.status == DeliveryStatus.WAITING)
    found = db.session.scalars(due).one() + db.session.scalars(behind).one()
    db.session.rollback()
    return found


def timed_out() -> int:
    """Return how many attempts ended because the receiver took too long."""
    statement = select(func.count(WebhookAttempt.id)).where(WebhookAttempt.response == "Timed out")
    found = db.session.scalars(statement).one()
    db.session.rollback()
    return found


def problems(run: Run) -> Iterator[str]:
    """Yield a sentence for everything that is wrong."""
    seen = run.receivers.seen
    yield from seen.wrong
    events = db.session.scalars(select(Event).where(Event.sequence > run.last_sequence))
    expected = {f"msg_{event.token}": event.sequence for event in events}
    disabled = [endpoint.url for endpoint in list_endpoints() if endpoint.disabled_reason == "gone"]
    if disabled != [run.receivers.url("gone")]:
        yield f"410 disabled {disabled}"
    for name in NAMES:
        if name != "gone":
            yield from _differences(name, expected, seen.accepted[name])
    if not seen.signed_twice:
        yield "after the rotation nothing was signed with both secrets"
    for name in ("fails", "moved", "busy", "gone", "hangs"):
        if not seen.faults[name]:
            yield f"{name} had no fault"


def _differences(name: str, expected: dict[str, int | None], accepted: dict[str, dict]) -> Iterator[str]:  # type: ignore[type-arg]
    found = {webhook_id: body["sequence"] for webhook_id, body in accepted.items()}
    if found != expected:
        yield f"{name}: {len(expected.keys() - found.keys())} of {len(expected)} events are missing"
    in_order = sorted(accepted.values(), key=lambda body: body["sequence"])
    names = [body["data"]["customer"]["first_name"] for body in in_order if body["type"] == "customer.updated"]
    if names != [f"Name {number + 1}" for number in range(len(names))]:
        yield f"{name}: sequence does not tell the order"

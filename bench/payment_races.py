"""``python -m bench.payment_races``: payments race with the payment deadline of an order, in many rounds.

In each round callbacks and workers start at the same moment on one order with points, stock and a coupon. Afterwards it
must be either paid and kept, or cancelled and flagged for refund. Both engines, real threads, real commits; exits with
1 if a round ends otherwise.
"""

import logging
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import use_shop
from shop.db.transaction import transaction
from shop.models import Customer, Order, PaymentFlag, Product
from shop.services import clock
from shop.services.loyalty.ledger import find_balance
from shop.services.loyalty.verification import verify_ledger
from shop.services.orders.repository import get_order
from shop.services.payments.attempts import open_attempt
from shop.services.payments.config import PaymentConfig
from shop.services.payments.providers.base import ProviderResult
from shop.services.payments.reconciliation import GRACE, end_unpaid, poll_pending
from shop.services.payments.settlement import settle
from tests import factories
from tests.support.databases import ENGINES, DatabaseHost, close
from tests.support.payments import PHONE, connect_mpesa, place_unpaid
from tests.support.threads import all_at_once


@click.command()
@click.option("--rounds", default=100, show_default=True, help="On each engine.")
@click.option("--callers", default=3, show_default=True, help="Callbacks and workers at once, each.")
def main(rounds: int, callers: int) -> None:
    """Run the rounds."""
    logging.disable(logging.WARNING)
    host = DatabaseHost(Path(tempfile.mkdtemp(prefix="tuza-races-", dir="/tmp")))
    host.folder.chmod(0o711)
    try:
        wrong = [problem for engine in ENGINES for problem in _race(host, engine, rounds, callers)]
    finally:
        host.stop()
    for problem in wrong:
        click.echo(problem)
    sys.exit(1 if wrong else 0)


def _race(host: DatabaseHost, engine: str, rounds: int, callers: int) -> list[str]:
    databases = host.databases()
    app = databases.app(databases.fresh(engine))
    policy, ends, wrong = PaymentConfig.of(app.config), Counter[str](), []
    began = time.monotonic()
    with app.app_context():
        shop = factories.make_shop()
        connect_mpesa(policy)
        factories.make_coupon("KARIBU")
    for number in range(rounds):
        with app.app_context():
            use_shop(shop.id)
            placed = place_unpaid(points=500, stock=10, code="KARIBU")
            order_id, over = placed.order.id, placed.order.pay_by + GRACE
            with transaction():
                attempt, _ = open_attempt(get_order(order_id), "mpesa", placed.order.total_cents, PHONE)
                attempt.state, attempt.provider_id = "waiting", f"ws_{number}"
            told = ProviderResult("paid", "0", "", attempt.amount_cents, f"R{number}", f"ws_{number}")
            attempt_id = attempt.id

        def pay(
            attempt_id: int = attempt_id, order_id: int = order_id, told: ProviderResult = told, at: datetime = over
        ) -> str:
            with clock.moved_to(at):
                return settle(attempt_id, order_id, told, "callback")

        def end(order_id: int = order_id, at: datetime = over, alone: bool = number % 4 < 2) -> bool | int:
            with clock.moved_to(at):
                return end_unpaid(order_id) if alone else poll_pending(policy)

        pair = [end, pay] if number % 2 else [pay, end]
        results = all_at_once(app, shop.id, pair * callers)
        with app.app_context():
            use_shop(shop.id)
            how = _how_it_ended(order_id)
            ends[how] += 1
            failed = [repr(result) for result in results if isinstance(result, Exception)]
            if failed or how not in {"paid and kept", "cancelled and flagged"}:
                wrong.append(f"{engine}, round {number}: {how} {failed}")
    with app.app_context():
        if not verify_ledger(shop.id).is_clean:
            wrong.append(f"{engine}: the ledger is off")
    close(app)
    told_ends = ", ".join(f"{count} {how}" for how, count in sorted(ends.items()))
    click.echo(f"{engine}: {rounds} rounds of {2 * callers} at once in {time.monotonic() - began:.1f} s: {told_ends}")
    return wrong


def _how_it_ended(order_id: int) -> str:
    order: Order = get_order(order_id)
    flags = list(db.session.scalars(select(PaymentFlag.kind).where(PaymentFlag.order_id == order_id)))
    stock = db.session.scalars(select(Product.stock_quantity).where(Product.id == order.items[0].product_id)).one()
    balance = find_balance(db.session.scalars(select(Customer.id).where(Customer.id == order.customer_id)).one())
    seen = (order.status, order.payment_status, flags, stock, balance)
    if seen == ("pending", "paid", [], 9, order.points_earned) and order.points_earned > 0:
        return "paid and kept"
    if seen == ("cancelled", "pending", ["late"], 10, 500):
        return "cancelled and flagged"
    return f"otherwise: {seen}"


if __name__ == "__main__":
    main()

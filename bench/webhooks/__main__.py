"""``python -m bench.webhooks``: nothing lost, nothing signed wrongly, or the command fails."""

import logging
import sys
import tempfile
import time
from pathlib import Path

import click

from bench.webhooks import cost, node, run, worker
from bench.webhooks.receiver import Receivers
from shop.db.tenant import use_shop
from tests.support.databases import ENGINES, TEST_CONFIG, DatabaseHost, Databases, close, driver_url


@click.command()
@click.option("--engine", type=click.Choice([*ENGINES, "both"]), default="both", show_default=True)
@click.option("--kills", default=15, show_default=True, help="Of the worker, on each engine; 8 events for each.")
@click.option("--orders", default=400, show_default=True, help="To place with endpoints, and without.")
@click.option("--seed", default=7, show_default=True)
def main(engine: str, kills: int, orders: int, seed: int) -> None:
    """Deliver, kill, and compare what arrived with what happened."""
    logging.disable(logging.WARNING)
    worker.preload()
    host = DatabaseHost(Path(tempfile.mkdtemp(prefix="tuza-webhooks-", dir="/tmp")))
    host.folder.chmod(0o711)
    try:
        engines = ENGINES if engine == "both" else (engine,)
        wrong = sum(_run(host.databases(), host.folder, one, (kills, orders, seed)) for one in engines)
    finally:
        host.stop()
    sys.exit(1 if wrong else 0)


def _run(databases: Databases, folder: Path, engine: str, asked: tuple[int, int, int]) -> int:
    """Return how many problems there are."""
    kills, orders, seed = asked
    url, receivers, began = databases.fresh(engine), Receivers(seed), time.monotonic()
    own = {"INLINE_WORKER": False, "WORKER_POLL_SECONDS": 0.1, "WEBHOOK_ALLOW_PRIVATE": False}
    own |= {"SQLALCHEMY_DATABASE_URI": driver_url(url), "SHOP_INSTANCE": str(folder)}
    own |= {"MAIL_FOLDER": f"{folder}/mail", "UPLOAD_FOLDER": f"{folder}/uploads"}
    app = databases.app(url, **own)

    def say(text: str) -> None:
        click.echo(f"{engine}, {time.monotonic() - began:.0f} s: {text}")

    with app.app_context():
        shop = run.prepare(app, worker.Setting(TEST_CONFIG | own, receivers.port, seed), receivers)
        run.kill_at_work(shop, kills, lambda count: None if count % 5 else say(f"{count} kills"))
        run.deliver_the_rest(shop)
        late = run.lateness_beside_a_slow_endpoint(shop)
        run.deliver_the_rest(shop)
        seen, problems = receivers.seen, list(run.problems(shop))
        say(f"{shop.made} events, {len(seen.requests)} requests, {dict(seen.faults)}, {run.timed_out()} timed out")
        say(f"beside a slow endpoint an event arrives within {late:.2f} s")
        say(node.verify(seen.requests, folder))
        for problem in problems[:20]:
            say(problem)
        say(f"{len(problems)} problems" if problems else "nothing lost, nothing signed wrongly, the order is known")
        use_shop(shop.shop_id)
        without, with_five = cost.measure(orders)
        for name in ("cpu", "waited"):
            first, second = getattr(without, name), getattr(with_five, name)
            change = (second / first - 1) * 100
            say(f"an order, {name}: {first:.2f} ms without endpoints, {second:.2f} ms with five ({change:+.1f} %)")
    receivers.stop()
    close(app)
    return len(problems)


if __name__ == "__main__":
    main()

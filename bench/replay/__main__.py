"""``python -m bench.replay``: replay real baskets through a temporary shop and compare every sum."""

import argparse
import platform
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from datetime import datetime
from os import cpu_count

from bench.replay.bar import ProgressBar
from bench.replay.baskets import choose_baskets, read_baskets
from bench.replay.clerk import Clerk
from bench.replay.client import ReplayClient, UnexpectedResponse, counted, share
from bench.replay.compare import differences, expected_sums, read_sums
from bench.replay.expected import sum_up
from bench.replay.nouns import Basket, CannotReplay, ReplayStep
from bench.replay.plan import plan
from bench.replay.postbox import Postbox
from bench.replay.receiver import PointsReceiver, receiver_differences
from bench.replay.sums import CustomerSums, ReplayRules, work_out
from bench.replay.trial import Trial, settings_of

RULES = ReplayRules()


def main() -> int:
    """Return 0 for success, 1 for any difference or refusal, 2 if it cannot run, 130 if interrupted."""
    asked = _asked()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda signum, _frame: sys.exit(128 + signum))
    try:
        return _replay(asked)
    except CannotReplay as cannot:
        print(f"Error: {cannot}", file=sys.stderr)
        return 2
    except UnexpectedResponse as refused:
        print(f"\nThe shop did not do as it should: {refused}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; the server and its folder are gone.", file=sys.stderr)
        return 130


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.replay", description=__doc__)
    parser.add_argument("--households", type=_count, default=300, help="households, taken by chance (%(default)s)")
    parser.add_argument("--baskets", type=_count, default=5000, help="baskets sent to POST /orders (%(default)s)")
    parser.add_argument("--clients", type=_count, default=4, help="clients at once (%(default)s)")
    parser.add_argument("--redeem", type=_number, default=50, help="households that pay one more basket with points")
    parser.add_argument("--cancel", type=_number, default=20, help="orders that are cancelled (%(default)s)")
    parser.add_argument("--seed", type=int, default=2017, help="the same seed, the same run (%(default)s)")
    parser.add_argument("--database-url", help="an empty PostgreSQL database, instead of a SQLite file")
    parser.add_argument(
        "--tamper", action="store_true", help="falsify two sums behind the shop's back: the run must then fail"
    )
    return parser.parse_args()


def _number(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError("must be a whole number, 0 or more")
    return int(text)


def _count(text: str) -> int:
    number = _number(text)
    if number == 0:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _replay(asked: argparse.Namespace) -> int:
    chance = random.Random(asked.seed)
    ids = choose_baskets(asked.households, asked.baskets + asked.redeem, chance)
    baskets, truths = read_baskets(ids), sum_up(ids)
    households: dict[int, list[int]] = {}
    for basket in baskets.values():
        households.setdefault(basket.household, []).append(basket.id)
    lines = {basket.id: len(basket.lines) for basket in baskets.values()}
    steps = plan(households, truths, lines, RULES, redeem=asked.redeem, cancel=asked.cancel, chance=chance)
    customers = work_out(steps, truths, RULES)
    print(_intention(baskets, steps, asked.clients))
    with Trial(asked.clients, asked.redeem, asked.database_url) as trial:
        try:
            return _run(trial, baskets, steps, customers, asked)
        except Exception:
            print(f"\nThe server's last words:\n{trial.last_words()}", file=sys.stderr)
            raise


def _intention(baskets: Mapping[int, Basket], steps: Mapping[int, Sequence[ReplayStep]], clients: int) -> str:
    what = Counter(step.what for mine in steps.values() for step in mine)
    first, last = min(basket.sold_at for basket in baskets.values()), max(basket.sold_at for basket in baskets.values())
    return (
        f"{len(steps):,} households, {len(baskets):,} baskets of {first:%d %b %Y} to {last:%d %b %Y}"
        f" with {sum(len(basket.lines) for basket in baskets.values()):,} lines:"
        f" {what['record']:,} to record, {what['redeem']:,} to pay with points, {what['pay']:,} to mark paid,"
        f" {what['cancel']:,} to cancel; {clients} clients."
    )


def _run(
    trial: Trial,
    baskets: Mapping[int, Basket],
    steps: Mapping[int, Sequence[ReplayStep]],
    customers: Mapping[int, CustomerSums],
    asked: argparse.Namespace,
) -> int:
    print(f"{trial.engine()}, Python {platform.python_version()}, {cpu_count()} processors, port {trial.port}.")
    stop = threading.Event()
    clients = [ReplayClient(trial.port, key, secret, stop) for key, secret in trial.keys]
    for key, value in settings_of(RULES).items():
        clients[0].call("settings", "PUT", f"/settings/shop/{key}", {"value": value})
    receiver = PointsReceiver()
    receiver.subscribe(clients[0])
    redeemed = [step.basket for mine in steps.values() for step in mine if step.what == "redeem"]
    shelf = trial.put_on_shelf([line for basket in redeemed for line in baskets[basket].lines])
    postbox = Postbox(trial.mails, stop)
    clerks = [Clerk(client, baskets, shelf, postbox) for client in clients]
    seconds = _work(clerks, _deal(steps, baskets, len(clerks)), len(baskets), stop)
    print(_speed(clients, sum(clerk.orders for clerk in clerks), seconds))
    if asked.tamper:
        trial.tamper()
    off = [*map(str, differences(expected_sums(customers), read_sums(clients[0], len(customers))))]
    added_up = receiver_differences(receiver, clients[0])
    receiver.stop()
    print(*off, *added_up, sep="\n", end="\n" if off or added_up else "")
    print(f"{len(customers):,} customers with 4 sums each compared: {len(off) or 'no'} differences.")
    print(f"Webhooks of points add up to {len(receiver.sums):,} balances: {len(added_up) or 'no'} differences.")
    proof = trial.run("flask", "--app", "wsgi", "ledger", "verify")
    print(f"Ledger: {(proof.stdout + proof.stderr).strip()}")
    return 1 if off or added_up or proof.returncode != 0 else 0


def _deal(
    steps: Mapping[int, Sequence[ReplayStep]], baskets: Mapping[int, Basket], count: int
) -> list[list[ReplayStep]]:
    """Return the steps of each clerk: those of a household go to one clerk, in the order of the year."""
    piles: list[list[tuple[datetime, int, ReplayStep]]] = [[] for _ in range(count)]
    for number, (household, mine) in enumerate(sorted(steps.items())):
        at = baskets[mine[0].basket].sold_at
        for step in mine:
            at = max(at, baskets[step.basket].sold_at)
            piles[number % count].append((at, household, step))
    return [[step for *_, step in sorted(pile, key=lambda one: one[:2])] for pile in piles]


def _work(clerks: Sequence[Clerk], piles: Sequence[Sequence[ReplayStep]], total: int, stop: threading.Event) -> float:
    """Run all clerks concurrently and return the seconds. An error of one stops all and is raised."""

    def do_all(clerk: Clerk, pile: Sequence[ReplayStep]) -> None:
        for step in pile:
            clerk.do(step)

    bar = ProgressBar("Replaying", total, "orders")
    began = time.monotonic()
    with ThreadPoolExecutor(len(clerks)) as pool:
        try:
            waiting = {pool.submit(do_all, clerk, pile) for clerk, pile in zip(clerks, piles, strict=True)}
            while waiting:
                done, waiting = wait(waiting, timeout=0.2, return_when=FIRST_EXCEPTION)
                bar.show(sum(clerk.orders for clerk in clerks))
                for future in done:
                    future.result()
        except BaseException:
            stop.set()
            raise
        finally:
            bar.end()
    return time.monotonic() - began


def _speed(clients: list[ReplayClient], orders: int, seconds: float) -> str:
    total = counted(clients)
    said = [
        f"{orders:,} orders in {seconds:.1f} s: {orders / seconds:.1f} orders a second;"
        f" {total['requests']:,} requests, {total['requests'] / seconds:.0f} a second"
        f" ({total['waits']} told to wait, {total['reconnects']} connections lost)."
    ]
    for kind in ("record", "pay", "preview", "send code", "verify code", "redeem", "cancel"):
        times = [one for client in clients for one in client.seconds.get(kind, [])]
        if times:
            said.append(
                f"  {kind:<12}{len(times):>7,} requests, half within {share(times, 50):.0f} ms,"
                f" 95 % within {share(times, 95):.0f} ms, slowest {max(times) * 1000:.0f} ms"
            )
    return "\n".join(said)


if __name__ == "__main__":
    raise SystemExit(main())

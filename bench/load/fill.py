"""Create a shop of a given size with orders and ledgers, and what the load tests need."""

import sys
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select

from bench.load import catalogue
from bench.load.bulk import Bulk, Row, filling
from bench.load.crowd import AT_ONCE, COLUMNS, Crowd, stamp
from shop.db.session import db
from shop.db.tenant import use_shop
from shop.db.transaction import transaction
from shop.domain.codes import code_from_nonce, hash_code, hash_secret, hash_subject, new_nonce, new_token
from shop.models import Branch
from shop.services import clock
from shop.services.catalogue.payment_methods import add_payment_method
from shop.services.catalogue.products.records import add_product
from shop.services.coupons.records import add_coupon
from shop.services.shops.settings import get_settings
from shop.services.shops.shops import create_shop
from shop.services.staff.accounts import create_staff
from shop.services.staff.api_keys import create_api_key

KEYS = 24
"""A key may call 10,000 times a minute; a run takes more."""
PRODUCTS = 200
MANY_ENTRIES = 100_000
TERMS = 200
STAFF, PASSWORD = "njeri@duka.example", "maziwa-na-chai-7"
TOKENS = "id, shop_id, customer_id, token_hash, expires_at, created_at"
CODES = "id, shop_id, subject_hash, customer_id, nonce, code_hash, tries, expires_at, created_at"
TABLES = (*COLUMNS, *catalogue.COLUMNS, "redemption_tokens", "otp_challenges")


@dataclass(frozen=True, slots=True)
class ShopSize:
    """How much to create; the load tests mark each of the ``unpaid`` orders as paid once."""

    customers: int
    entries: int = MANY_ENTRIES
    tokens: int = 40_000
    unpaid: int = 40_000
    products: int = 0
    """In the catalogue, beside the 200 that the load buys."""


@dataclass(frozen=True, slots=True)
class Filled:
    """The shop's data that the drivers need."""

    keys: list[str]
    """Authorization headers."""
    products: list[int]
    few: int
    """A customer with 50 ledger entries."""
    many: int
    """One with 100,000, or what was asked for."""
    emails: list[str]
    """Of customers with points."""
    terms: list[str]
    tokens: list[tuple[str, str]]
    """E-mail and token of redemptions to come."""
    codes: list[tuple[str, str]]
    """E-mail and one-time code, each of another customer."""
    unpaid: list[int]
    """Orders to be marked as paid."""


def fill(asked: ShopSize, url: str, secret_key: str, *, seed: int = 254) -> Filled:
    """Create the shop. Needs an application context and a migrated, empty database without other connections."""
    chance = Random(seed)
    shop_id = create_shop("Duka la Mama Njeri", slug="duka", loyalty_points_enabled="true").id
    use_shop(shop_id)
    keys, products = _set_up(chance)
    rules = get_settings().rules.to_json()
    branch = db.session.scalars(select(Branch.id)).one()
    db.session.remove()
    db.engine.dispose()
    wanted = frozenset(chance.randrange(1, asked.customers + 1) for _ in range(2 * TERMS))
    with filling(url, TABLES) as bulk:
        bought: Sequence[int] = products
        if asked.products:
            bought = catalogue.stock_catalogue(bulk, shop_id, branch, products[-1] + 1, asked.products)
        crowd = Crowd(shop_id, bought, rules, asked.entries, chance, wanted=wanted)
        for first in range(0, asked.customers, AT_ONCE):
            crowd.come(bulk, first, min(first + AT_ONCE, asked.customers))
            if first % 100_000 == 0 and first:
                print(f"{first:,} customers", file=sys.stderr)
        now = clock.now()
        rich = list(crowd.rich)
        tokens = [(*rich[n % len(rich)], new_token()) for n in range(asked.tokens)]
        bulk.add("redemption_tokens", TOKENS, _tokens(tokens, shop_id, now))
        unpaid = crowd.wait_for_payment(bulk, asked.unpaid, [number for number, _email in rich], now)
        codes = _add_codes(bulk, crowd, secret_key, now)
        _derive(bulk, on_sqlite=url.startswith("sqlite"))
    emails = [email for _number, email in rich]
    ready = [(email, token) for _number, email, token in tokens]
    return Filled(keys, products, *crowd.accounts, emails, _terms(crowd), ready, codes, unpaid)


def _set_up(chance: Random) -> tuple[list[str], list[int]]:
    """Add staff, keys, coupon, payment method and products by the services."""
    create_staff(STAFF, PASSWORD, name="Njeri Kamau")
    made = [create_api_key(f"bench {n}", rate_limit_per_minute=10_000) for n in range(KEYS)]
    pairs = (f"{key.consumer_key}:{key.consumer_secret}" for key in made)
    keys = [f"Basic {b64encode(pair.encode()).decode()}" for pair in pairs]
    with transaction():
        add_coupon("ASANTE", "percentage", 1000)
        add_payment_method("mpesa", "M-Pesa")
        products = [
            add_product(f"Bidhaa {n}", chance.randrange(5_000, 90_000), slug=f"bidhaa-{n}", stock_quantity=10**9).id
            for n in range(PRODUCTS)
        ]
    return keys, products


def _tokens(tokens: list[tuple[int, str, str]], shop_id: int, now: datetime) -> Iterator[Row]:
    times = stamp(now + timedelta(hours=6)), stamp(now)
    for number, (customer, _email, token) in enumerate(tokens, 1):
        yield number, shop_id, customer, hash_secret(token), *times


def _add_codes(bulk: Bulk, crowd: Crowd, key: str, now: datetime) -> list[tuple[str, str]]:
    times = stamp(now + timedelta(hours=6)), stamp(now)
    rows: list[Row] = []
    codes = []
    for number, (customer, email) in enumerate(crowd.first, 1):
        nonce, subject = new_nonce(), hash_subject(key, f"customer:{customer}")
        code = code_from_nonce(key, nonce)
        rows.append((number, crowd.shop_id, subject, customer, nonce, hash_code(key, nonce, code), 0, *times))
        codes.append((email, code))
    bulk.add("otp_challenges", CODES, rows)
    return codes


def _derive(bulk: Bulk, *, on_sqlite: bool) -> None:
    """Compute what triggers would have maintained for customers."""
    bulk.run(
        "INSERT INTO customer_spans (shop_id, span, number) "
        "SELECT shop_id, id / 1000, COUNT(*) FROM customers GROUP BY 1, 2"
    )
    if on_sqlite:
        bulk.run("INSERT INTO customer_words(customer_words) VALUES ('rebuild')")


def _terms(crowd: Crowd) -> list[str]:
    """Return 200 search terms: parts of e-mails and phones, last names, domains, two words, common words."""
    found = ["an", "a", "example", "mail.example.org", "wa", "254712"]
    for number, one in enumerate(crowd.sample):
        last = one["last_name"].lower() or "nobody"
        forms = (
            one["email"].split("@")[0][-8:],
            last,
            (one["phone"] or "+254700000")[4:9],
            f"{one['first_name'].lower()} {last}",
        )
        found.append(forms[number % len(forms)])
    different = list(dict.fromkeys(found))[:TERMS]
    crowd.chance.shuffle(different)
    return different

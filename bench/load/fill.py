"""A shop of so many customers with orders and ledgers, past the services: COPY on PostgreSQL, executemany on SQLite.

Believable where it matters for a database: few customers order much and many little, names are common ones, addresses
of mail are of few domains, a third holds no points.
"""

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import Table, func, insert, select, text

from bench.many_customers import NEW_YEAR, add_customers
from shop.domain.codes import hash_secret, new_token
from shop.extensions import db
from shop.models import (
    Address,
    Customer,
    LoyaltyAccount,
    Order,
    OrderItem,
    RedemptionToken,
)
from shop.services import clock
from shop.services.api_keys import create_api_key
from shop.services.catalogue import add_product
from shop.services.coupons import add_coupon
from shop.services.delivery import add_payment_method
from shop.services.scope import current_shop_id, every_shop, use_shop
from shop.services.settings import get_settings
from shop.services.shops import create_shop
from shop.services.staff import create_staff
from shop.services.transaction import transaction

KEYS = 24
"""A key may call 10,000 times a minute; a run takes more."""
PRODUCTS = 200
MANY_ENTRIES = 100_000
AT_ONCE = 20_000
MOST_ORDERS = 12
STREETS = ("Moi Avenue", "Kenyatta Avenue", "Ngong Road", "Biashara Street", "Westlands Road", "Oginga Odinga Street")
TOWNS = ("Nairobi", "Mombasa", "Kisumu", "Nakuru", "Eldoret", "Thika")


@dataclass(frozen=True, slots=True)
class Filled:
    """What the drivers need to know of the shop."""

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
    staff: str


def fill(customers: int, *, entries: int = MANY_ENTRIES, tokens: int = 60_000, seed: int = 254) -> Filled:
    """Make the shop; needs an application context on a migrated, empty database."""
    chance = Random(seed)
    use_shop(create_shop("Duka la Mama Njeri", slug="duka", loyalty_points_enabled="true").id)
    create_staff("njeri@duka.example", "maziwa-na-chai-7", name="Njeri Kamau")
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
    add_customers(customers, seed=seed)
    _add_addresses(chance)
    _add_orders(chance, products)
    ids = list(db.session.scalars(select(LoyaltyAccount.customer_id).order_by(LoyaltyAccount.id).limit(2)))
    few, many = ids[0] or 0, ids[1] or 0
    _lengthen(few, 50)
    _lengthen(many, entries)
    who = list(
        db.session.execute(
            select(Customer.id, Customer.email)
            .where(Customer.points_balance >= 1_000)
            .order_by(Customer.id.desc())
            .limit(2_000)
        )
    )
    return Filled(
        keys, products, few, many, [row.email for row in who], _terms(chance, customers), _add_tokens(who, tokens),
        "njeri@duka.example",
    )  # fmt: skip


def _bulk(table: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Add rows, with ids of ours."""
    db.session.rollback()
    connection = db.session.connection(execution_options={"tuza_writes": True})
    batch: list[dict[str, Any]] = []
    with every_shop():
        last = db.session.scalars(select(func.max(table.c.id))).first() or 0
    for last, row in enumerate(rows, last + 1):  # noqa: B020 (counts on)
        batch.append({"id": last, **row})
        if len(batch) == AT_ONCE:
            _send(connection, table, batch)
            batch = []
    if batch:
        _send(connection, table, batch)
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {max(last, 1)})"))
    db.session.commit()


def _send(connection: Any, table: Table, rows: list[dict[str, Any]]) -> None:
    if connection.dialect.name != "postgresql":
        connection.execute(insert(table), rows)
        return
    names = list(rows[0])
    with (
        connection.connection.cursor() as cursor,
        cursor.copy(f"COPY {table.name} ({', '.join(names)}) FROM STDIN") as to,
    ):
        for row in rows:
            to.write_row([json.dumps(row[name]) if isinstance(row[name], dict) else row[name] for name in names])


def _add_addresses(chance: Random) -> None:
    shop_id = current_shop_id()
    ids = list(db.session.scalars(select(Customer.id).order_by(Customer.id)))
    common = {
        "shop_id": shop_id,
        "address2": "",
        "state": "",
        "zip": "00100",
        "country": "Kenya",
        "created_at": NEW_YEAR,
    }
    _bulk(
        Address.__table__,  # type: ignore[arg-type]
        (
            common
            | {"customer_id": number, "type": kind, "address1": chance.choice(STREETS), "city": chance.choice(TOWNS)}
            for number in ids
            for kind in (("shipping", "billing") if chance.random() < 0.3 else ("shipping",))
        ),
    )


def _add_orders(chance: Random, products: list[int]) -> None:
    shop_id, rules = current_shop_id(), get_settings().rules.to_json()
    people = list(db.session.execute(select(Customer.id, Customer.total_orders, Customer.created_at)))
    _bulk(Order.__table__, _orders(chance, people, shop_id, rules))  # type: ignore[arg-type]
    subtotals = db.session.execute(select(Order.id, Order.subtotal_cents)).all()
    common = {"shop_id": shop_id, "variant_id": None, "sku": "", "took_stock": False, "refunded_quantity": 0}
    _bulk(
        OrderItem.__table__,  # type: ignore[arg-type]
        (
            common | {"order_id": number, "product_id": chance.choice(products), "name": "Bidhaa", "quantity": 1}
            | {"price_cents": cents // 3 + (cents % 3 if part == 0 else 0)}
            for number, cents in subtotals
            for part in range(3)
        ),
    )  # fmt: skip


def _orders(chance: Random, people: list[Any], shop_id: int, rules: dict[str, Any]) -> Iterator[dict[str, Any]]:
    cents = "shipping tax discount coupon_discount points_discount refunded refunded_goods"
    points = "redeemed returned taken_back"
    nothing = {f"{name}_cents": 0 for name in cents.split()} | {f"points_{name}": 0 for name in points.split()}
    count = 0
    for customer_id, orders, since in people:
        for _ in range(min(orders, MOST_ORDERS)):
            count += 1
            worth = chance.randrange(20_000, 500_000)
            day = since + (NEW_YEAR - since) * chance.random()
            yield nothing | {
                "shop_id": shop_id, "order_number": f"ORD-B-{count}", "customer_id": customer_id,
                "status": "completed", "payment_status": "paid", "payment_method": "M-Pesa",
                "payment_method_code": "mpesa", "subtotal_cents": worth, "total_cents": worth, "currency": "KES",
                "coupon_returned": False, "points_earned": worth // 100, "loyalty_rules": rules,
                "stock_returned": False, "source": "storefront", "order_date": day, "paid_at": day,
                "completed_at": day, "created_at": day, "updated_at": day,
            }  # fmt: skip


def _lengthen(customer_id: int, entries: int) -> None:
    """Give an account so many entries, one after the other as the ledger's triggers want them."""
    account = db.session.scalars(select(LoyaltyAccount).where(LoyaltyAccount.customer_id == customer_id)).one()
    number, balance, shop_id = account.entries_count, account.points_balance, account.shop_id
    db.session.rollback()
    values = "'adjust', 'manual', 1, 'Counted', 'system', 'Tuza', '{}'"
    columns = "type, reason, points, system_note, actor_kind, actor_label, meta, shop_id, account_id, seq"
    into = f"INSERT INTO loyalty_entries ({columns}, balance_after, cause, created_at) VALUES ({values}, "
    change = f"UPDATE loyalty_accounts SET points_balance = {{n}}, entries_count = {{s}} WHERE id = {account.id}"
    if db.engine.dialect.name == "postgresql":
        # Past the triggers, and as they would have it: one row changed 100,000 times over takes minutes.
        row = f"{shop_id}, {account.id}, s, {balance - number} + s, 'bench:{account.id}:' || s, now()"
        whole = f"{into.replace('VALUES (', 'SELECT ')}{row} FROM generate_series({number + 1}, {entries}) s"
        with db.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE loyalty_entries DISABLE TRIGGER USER")
            connection.exec_driver_sql(whole)
            connection.exec_driver_sql(change.format(n=balance - number + entries, s=entries))
            connection.exec_driver_sql("ALTER TABLE loyalty_entries ENABLE TRIGGER USER")
        return
    with db.engine.begin() as connection:
        for seq in range(number + 1, entries + 1):
            now = balance - number + seq
            connection.exec_driver_sql(change.format(n=now, s=seq))
            row = f"{shop_id}, {account.id}, {seq}, {now}, 'bench:{account.id}:{seq}', '2026-01-01 08:00:00.000000')"
            connection.exec_driver_sql(into + row)


def _terms(chance: Random, customers: int) -> list[str]:
    """200 things to look for: fragments of e-mails, last names, domains, short and common ones, phones."""
    ids = [chance.randrange(1, customers + 1) for _ in range(120)]
    rows = db.session.execute(select(Customer.email, Customer.last_name, Customer.phone).where(Customer.id.in_(ids)))
    found = ["an", "a", "example", "mail.example.org", "wa", "254712"]
    for email, last, phone in rows:
        found += [email.split("@")[0][-8:], last.lower() or "nobody", (phone or "+254700000")[4:9]]
    chance.shuffle(found)
    return found[:200]


def _add_tokens(who: list[Any], count: int) -> list[tuple[str, str]]:
    tokens = [(who[n % len(who)], new_token()) for n in range(count)]
    now, shop_id = clock.now(), current_shop_id()
    common = {"shop_id": shop_id, "expires_at": now + timedelta(hours=6), "created_at": now}
    _bulk(
        RedemptionToken.__table__,  # type: ignore[arg-type]
        (common | {"customer_id": person.id, "token_hash": hash_secret(token)} for person, token in tokens),
    )
    return [(person.email, token) for person, token in tokens]

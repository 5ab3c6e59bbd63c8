"""Customers for the benchmarks, created by the hundred thousand."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import func, insert, select, text

from shop.db.session import db
from shop.db.tenant import all_tenants, current_shop_id
from shop.demo.people import FIRST_NAMES, LAST_NAMES
from shop.domain.text.search import normalize_search
from shop.models import Customer, LoyaltyAccount, LoyaltyEntry, LoyaltyRegistration

NEW_YEAR = datetime(2026, 1, 1, 8, tzinfo=UTC)
AT_ONCE = 5_000
FIRST, LAST = FIRST_NAMES.split(), LAST_NAMES.split()
DOMAINS = ("example.com", "example.com", "mail.example.org", "duka.example.net")


def add_customers(count: int, *, seed: int = 254) -> None:
    """Add customers to the session's shop without the services, as a shop would have after some years.

    Two of three have points (one entry each, so that the ledger verifies), one of ten has a registration, one of six
    never ordered, one of eight has no phone, one of fifty no name.
    """
    chance, shop_id = Random(seed), current_shop_id()
    for first in range(0, count, AT_ONCE):
        people = [person(chance, number, shop_id) for number in range(first, min(first + AT_ONCE, count))]
        _insert(Customer, people)
        accounts = [account(one) for one in people if chance.random() < 2 / 3]
        _insert(LoyaltyAccount, accounts)
        _insert(LoyaltyEntry, [entry(one) for one in accounts])
        _insert(LoyaltyRegistration, [registration(chance, one) for one in people if chance.random() < 1 / 10])
        db.session.commit()


def vacuum() -> None:
    """Vacuum and analyse a PostgreSQL database: autovacuum would come to it in a minute."""
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _insert(model: Any, rows: list[dict[str, Any]]) -> None:
    """Add rows with given ids and set the engine's sequence behind them."""
    session = db.session()
    with all_tenants():
        last = session.scalars(select(func.max(model.id))).first() or 0
    for number, row in enumerate(rows, last + 1):
        row["id"] = number
    session.execute(insert(model.__table__), rows)
    if session.get_bind().dialect.name == "postgresql":
        sequence = f"pg_get_serial_sequence('{model.__tablename__}', 'id')"
        with all_tenants():
            session.execute(text(f"SELECT setval({sequence}, {last + len(rows)})"))


def person(chance: Random, number: int, shop_id: int) -> dict[str, Any]:
    """Columns of a customer."""
    first, last, domain = chance.choice(FIRST), chance.choice(LAST), chance.choice(DOMAINS)
    email = f"{first}.{last}.{number}@{domain}".lower()
    phone = f"+2547{chance.randrange(10**8):08d}" if number % 8 else None
    if number % 50 == 49:
        first = last = ""
    orders = 0 if number % 6 == 5 else 1 + int(chance.paretovariate(0.9)) % 200
    made = NEW_YEAR - timedelta(minutes=5 * (10**6 - number))
    last_order = made + (NEW_YEAR - made) * chance.random() if orders else None
    return {
        "shop_id": shop_id,
        "email": email,
        "first_name": first,
        "last_name": last,
        "phone": phone,
        "search_text": text_of(first, last, email, phone),
        "total_orders": orders,
        "total_spent_cents": sum(chance.randrange(20_000, 500_000) for _ in range(min(orders, 12))),
        "last_order_at": last_order,
        "created_at": made,
        "updated_at": made,
    }


def text_of(first: str, last: str, email: str, phone: str | None) -> str:
    """Return what ``shop.domain.text.search`` returns for a Kenyan number, without parsing a million of them."""
    digits = f"{phone[1:]} 0{phone[4:]}" if phone else ""
    return f" {normalize_search(f'{first} {last} {email} {digits}')} "


def account(person: dict[str, Any]) -> dict[str, Any]:
    """Columns of a customer's account."""
    return {
        "shop_id": person["shop_id"],
        "customer_id": person["id"],
        "points_balance": 1 + person["total_spent_cents"] // 100,
        "lifetime_earned": 0,
        "entries_count": 1,
        "created_at": NEW_YEAR,
        "updated_at": NEW_YEAR,
    }


def entry(account: dict[str, Any]) -> dict[str, Any]:
    """Columns of an account's only entry."""
    return {
        "shop_id": account["shop_id"],
        "account_id": account["id"],
        "seq": 1,
        "kind": "manual",
        "points": account["points_balance"],
        "balance_after": account["points_balance"],
        "idempotency_key": f"adjust:{account['id']}",
        "system_note": "Imported balance",
        "actor_kind": "system",
        "actor_label": "Tuza",
        "meta": {},
        "created_at": NEW_YEAR,
    }


def registration(chance: Random, person: dict[str, Any]) -> dict[str, Any]:
    """Columns of a customer's registration."""
    return {
        "shop_id": person["shop_id"],
        "customer_id": person["id"],
        "full_name": f"{person['first_name']} {person['last_name']}".strip() or person["email"],
        "phone": person["phone"],
        "status": chance.choice(("approved", "approved", "pending")),
        "created_at": NEW_YEAR,
        "updated_at": NEW_YEAR,
    }

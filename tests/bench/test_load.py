"""The shop that the load benchmark fills without the services is valid for the services."""

from collections.abc import Iterator
from random import Random

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from bench.load.drive import Run
from bench.load.figures import Goal, compare, share_below
from bench.load.fill import STAFF, Filled, ShopSize, fill
from bench.people import person
from shop.db.session import db
from shop.db.tenant import use_shop
from shop.domain.text.search import search_text
from shop.models import LoyaltyAccount
from shop.queries.customers.counts import count_customers
from shop.queries.customers.list import CustomerFilters, list_customers
from shop.services.loyalty.otp import OtpConfig, verify_code
from shop.services.loyalty.verification import verify_ledger
from shop.services.orders.lifecycle import set_payment_status
from tests.factories import TESTER
from tests.support.databases import Databases, close
from tests.support.rows import run_sql

KEY = "k" * 40
ASKED = ShopSize(customers=120, entries=70, tokens=10, unpaid=6)


@pytest.fixture(scope="module")
def filled(databases: Databases, engine_name: str) -> Iterator[tuple[Flask, Filled]]:
    """An application with a filled shop, and what the drivers know of it."""
    url = databases.fresh(engine_name)
    app = databases.app(url)
    with app.app_context():
        made = fill(ASKED, url, KEY)
    yield app, made
    close(app)
    databases.drop(url)


@pytest.fixture
def inside(filled: tuple[Flask, Filled]) -> Iterator[Filled]:
    """Inside the shop."""
    app, made = filled
    with app.app_context():
        use_shop(1)
        yield made


def test_ledger_and_count_prove_themselves(inside: Filled) -> None:
    proof = verify_ledger()
    assert proof.is_clean
    assert proof.entries > ASKED.entries + 50
    assert count_customers() == ASKED.customers
    lengths = dict(db.session.execute(select(LoyaltyAccount.customer_id, LoyaltyAccount.entries_count)).all())
    assert (lengths[inside.few], lengths[inside.many]) == (50, ASKED.entries)


def test_customers_are_found_after_bulk_changes_of_the_indexes(inside: Filled) -> None:
    email = inside.codes[-1][0]
    assert [row.email for row in list_customers(CustomerFilters(search=email[:-4])).rows] == [email]


def test_codes_and_orders_are_good(inside: Filled) -> None:
    email, code = inside.codes[0]
    config = OtpConfig(KEY)
    assert verify_code(code, email=email, phone=None, address="192.0.2.1", config=config).token
    assert set_payment_status(inside.unpaid[0], "paid", TESTER).points_earned > 0
    assert verify_ledger().is_clean


def test_what_was_set_aside_for_the_load_is_there_again(inside: Filled) -> None:
    with pytest.raises(DBAPIError):
        run_sql("UPDATE loyalty_entries SET points = 5")
    with pytest.raises(DBAPIError), db.engine.begin() as connection:
        connection.execute(text("INSERT INTO order_notes (shop_id, order_id, author, content, created_at) VALUES "
                                "(1, 10000000, '', '', '2026-01-01')"))  # fmt: skip
    assert STAFF in list(db.session.scalars(text("SELECT email FROM staff_users")))


def test_texts_to_search_in_are_those_of_the_shop() -> None:
    chance = Random(7)
    for number in range(100):
        one = person(chance, number, 1)
        assert one["search_text"] == search_text(one["first_name"], one["last_name"], one["email"], one["phone"])


def run(rate: float, p99: float = 1.0, refused: int = 0) -> Run:
    return Run(100, rate, 1.0, 1.0, p99, 2.0, refused, 0, 0.1)


def test_a_row_says_whether_its_goal_is_reached() -> None:
    goal = Goal(ratio=0.5, p99_ratio=2.5, slowest=1_000)
    limit = [run(100), run(400), run(100)]
    assert compare("", [run(60), run(60), run(60)], limit, goal).reached  # the middle ratio: one run of the limit's
    assert compare("", [run(40), run(60), run(40)], limit, goal).reached is False
    assert compare("", [run(60, p99=2.6)] * 3, limit, goal).reached is False
    assert compare("", [run(60, refused=1)] * 3, limit, goal).reached is False
    assert compare("", [run(60)] * 3, limit, None).reached is None


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert share_below(list(range(20)), 0.95) == 18
    assert share_below(list(range(100)), 0.95) == 94

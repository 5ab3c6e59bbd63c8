"""The demo shop on both engines."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import use_shop
from shop.demo.start import make_demo_ready
from shop.domain.pricing.shipping import Destination
from shop.models import OutboxMessage
from shop.queries.customers.api_list import search_customers
from shop.queries.loyalty.reports import list_entries
from shop.queries.orders.list import list_orders
from shop.services.catalogue.coupons import find_terms, try_terms
from shop.services.catalogue.payment_methods import list_payment_methods
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.catalogue.shipping import quote_shipping
from shop.services.loyalty.ledger import find_balance
from shop.services.loyalty.redemption import preview_redemption
from shop.services.loyalty.verification import verify_ledger
from shop.services.orders.repository import get_order
from shop.services.shops.settings import get_settings
from shop.services.shops.shops import get_shop
from shop.services.staff.accounts import sign_in
from shop.services.staff.api_keys import authenticate_key
from tests.support.databases import Databases, close


@pytest.fixture(scope="session")
def demo(databases: Databases, engine_name: str) -> Iterator[Flask]:
    """An application whose database has only the demo shop."""
    app = databases.app(databases.fresh(engine_name))
    result = invoke(app)
    assert result.exit_code == 0, result.output
    assert "Loaded the demo shop" in result.output
    yield app
    close(app)
    databases.drop(app.config["SQLALCHEMY_DATABASE_URI"])


def invoke(app: Flask) -> Result:
    """Run the command."""
    return app.test_cli_runner().invoke(args=["demo"])


def demo_file(app: Flask) -> Path:
    """Where ``demo.json`` is."""
    return Path(app.config["SHOP_INSTANCE"]) / "demo.json"


@pytest.fixture
def credentials(demo: Flask) -> dict[str, Any]:
    """The content of ``demo.json``."""
    return dict(json.loads(demo_file(demo).read_text()))


@pytest.fixture
def duka(demo: Flask) -> Iterator[None]:
    """Inside a context that works for the demo shop."""
    with demo.app_context():
        use_shop(get_shop(None).id)
        yield


def test_demo_json_has_the_shape_that_was_promised(demo: Flask, credentials: dict[str, Any]) -> None:
    assert list(credentials) == [
        "staff",
        "api_key",
        "read_only_key",
        "customers",
        "products",
        "coupon",
        "storefront_origin",
    ]
    assert list(credentials["staff"]) == ["email", "password"]
    assert list(credentials["api_key"]) == list(credentials["read_only_key"]) == ["consumer_key", "consumer_secret"]
    assert {tuple(customer) for customer in credentials["customers"]} == {("id", "email", "phone")}
    assert {tuple(product) for product in credentials["products"]} == {("id", "name", "price")}
    assert (credentials["coupon"], credentials["storefront_origin"]) == ("WELCOME10", "http://localhost:5050")
    assert stat.S_IMODE(demo_file(demo).stat().st_mode) == 0o600


def test_the_staff_sign_in_works(duka: None, credentials: dict[str, Any]) -> None:
    member = sign_in(credentials["staff"]["email"], credentials["staff"]["password"])
    assert (member.role, member.shop_name) == ("owner", "Duka la Mama Njeri")


def test_both_keys_work_ten_thousand_times_a_minute(duka: None, credentials: dict[str, Any]) -> None:
    full, reads = (authenticate_key(**credentials[name]) for name in ("api_key", "read_only_key"))
    assert (full.may_write, reads.may_write) == (True, False)
    assert full.rate_limit_per_minute == reads.rate_limit_per_minute == 10_000


def test_sixty_customers_have_phones_and_addresses(duka: None, credentials: dict[str, Any]) -> None:
    found = search_customers(page=1, limit=100)
    assert found.total == len(credentials["customers"]) == 60
    assert all(customer.phone and customer.phone.startswith("+2547") for customer in found.customers)
    assert all(customer.addresses for customer in found.customers)


def test_the_first_customers_hold_enough_points_to_try_with(duka: None, credentials: dict[str, Any]) -> None:
    assert all(find_balance(customer["id"]) >= 5_000 for customer in credentials["customers"][:5])


def test_the_first_product_suits_the_first_redemption(duka: None, credentials: dict[str, Any]) -> None:
    product, customer = credentials["products"][0], credentials["customers"][0]
    preview = preview_redemption(
        [CartLine(product["id"], 10)], email=None, phone=customer["phone"], coupon_code=credentials["coupon"]
    )
    assert product["price"] == "240.00"
    assert preview.subtotal_cents == 240_000
    assert preview.possible.max_points >= 5_000


def test_the_settings_invite_to_try_everything(duka: None, credentials: dict[str, Any]) -> None:
    settings = get_settings()
    assert settings.rules.enabled
    assert settings.currency == "KES"
    assert credentials["storefront_origin"] in settings.allowed_origins
    assert [method.name for method in list_payment_methods()] == ["M-Pesa", "Cash on Delivery", "M-Pesa till"]
    assert {quote.cost_cents for quote in quote_shipping(100_000, Destination("KE"))} == {20_000, 45_000}
    assert 0 in {quote.cost_cents for quote in quote_shipping(300_000, Destination("KE"))}
    assert try_terms(find_terms("WELCOME10"), 100_000).discount_cents == 10_000
    assert try_terms(find_terms("KARIBU200"), 200_000).discount_cents == 20_000


def test_a_year_lies_behind_it(duka: None) -> None:
    orders, total, *_ = list_orders(limit=1000)
    assert total > 200
    assert (orders[0].order_date - orders[-1].order_date).days > 300
    assert [order.order_date for order in orders] == sorted((order.order_date for order in orders), reverse=True)
    assert {order.status for order in orders} >= {"pending", "completed", "cancelled"}
    assert {order.payment_status for order in orders} == {"pending", "paid", "failed", "refunded"}
    assert {order.source for order in orders} == {"storefront", "api"}


def test_nobody_gets_a_message_about_it(duka: None) -> None:
    assert db.session.scalars(select(OutboxMessage.kind)).all() == []


def test_every_point_has_a_cause(duka: None) -> None:
    entries, _ = list_entries(limit=2000, offset=0)
    assert {entry.kind for entry in entries} == {
        "order_earned",
        "order_redeemed",
        "redeem_reversed",
        "earn_reversed",
        "manual",
    }
    for entry in entries:
        assert (entry.order_id is not None) != (entry.kind == "manual")
        if entry.kind == "order_earned" and entry.order_id is not None:
            assert entry.points == get_order(entry.order_id).points_earned


def test_the_ledger_is_right(duka: None) -> None:
    proof = verify_ledger()
    assert proof.is_clean
    assert proof.accounts > 40


def test_a_second_time_changes_nothing(demo: Flask, duka: None) -> None:
    before = demo_file(demo).read_bytes()
    orders = list_orders(limit=1).total
    result = invoke(demo)
    assert (result.exit_code, "already loaded" in result.output) == (0, True)
    assert demo_file(demo).read_bytes() == before
    assert list_orders(limit=1)[1] == orders


def test_a_lost_demo_json_is_written_again_and_works(demo: Flask, duka: None, tmp_path: Path) -> None:
    ready = make_demo_ready(tmp_path, demo.config["SECRET_KEY"])
    written = json.loads((tmp_path / "demo.json").read_text())
    assert not ready.is_new
    assert sign_in(**written["staff"]).role == "owner"
    assert authenticate_key(**written["api_key"]).may_write

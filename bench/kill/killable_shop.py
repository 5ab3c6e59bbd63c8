"""The shop that the kill tests run: its own folder and database, gunicorn and a worker as in production."""

import os
import signal
from dataclasses import dataclass
from typing import Any

import flask_migrate
from flask import Flask

from bench.replay.trial import Trial
from shop import create_app
from shop.db.session import db
from shop.db.tenant import use_shop
from shop.db.transaction import transaction
from shop.models import Product
from shop.services.actors import SYSTEM
from shop.services.catalogue.products.records import add_product
from shop.services.coupons.records import add_coupon
from shop.services.customers.records import create_customer
from shop.services.loyalty.adjustments import adjust_points
from shop.services.loyalty.redemption_tokens import issue_token
from shop.services.shops.shops import create_shop
from shop.services.staff.api_keys import create_api_key

MANY = 1_000_000
GIFT = 900
COUPON = "KARIBU10"
PRICES = (45_000, 120_000, 99_950)


@dataclass(frozen=True)
class Stocked:
    """The shop's initial data: an API key per client, products, and the stock of each.

    ``wallets`` are, per client, customers with points and a redemption token: e-mail and token.
    """

    shop_id: int
    keys: list[tuple[str, str]]
    products: list[int]
    wallets: list[list[tuple[str, str]]]
    stock: int = MANY


class KillableShop(Trial):
    """A shop whose processes can be killed and started again; its data stays. For the main thread only."""

    def __init__(self, database_url: str | None, workers: int = 2) -> None:
        super().__init__(0, MANY, database_url)
        self._workers = workers
        os.environ["SHOP_INSTANCE"] = str(self.folder)  # where an application in this process keeps its things

    def __enter__(self) -> "KillableShop":
        return self

    def app(self) -> Flask:
        """Return an application of this process with the same database, key and mails, for filling and checking."""
        database: dict[str, Any] = {}
        if self._database_url:
            plain = self._database_url.replace("postgresql+psycopg://", "postgresql://", 1)
            database["SQLALCHEMY_DATABASE_URI"] = plain.replace("postgresql://", "postgresql+psycopg://", 1)
        else:
            database["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{self.folder / 'tuza.db'}"
        return create_app(
            {
                "TESTING": True,
                "SECRET_KEY": self._environment["SECRET_KEY"],
                "SHOP_INSTANCE": str(self.folder),
                "MAIL_FOLDER": str(self.mails),
                "MAIL_SERVER": "",
                "ORDERS_PER_ADDRESS_HOUR": MANY,
                **database,
            }
        )

    def start(self) -> None:
        """Start the web processes, and on PostgreSQL the workers; return when they are ready."""
        self._start("gunicorn", "--config", "gunicorn.conf.py", "wsgi:app")
        if self._database_url:  # on SQLite the web process is its own worker
            for _ in range(self._workers):
                self._start("flask", "--app", "wsgi", "worker")
        self._wait_until_ready()

    def kill(self) -> None:
        """Send SIGKILL to every process of the shop."""
        for process in self._processes:
            os.killpg(process.pid, signal.SIGKILL)
        for process in self._processes:
            process.wait()
        self._processes.clear()

    def stop(self) -> None:
        """Send SIGTERM to every process and wait for its end."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait(30)
        self._processes.clear()


def stock(app: Flask, clients: int, wallets: int, *, migrated: bool = False) -> Stocked:
    """Create the tables if missing, the shop, its products, a coupon, and for each client a key and customers."""
    with app.app_context():
        if not migrated:
            flask_migrate.upgrade()
        shop = create_shop(
            "Duka",
            loyalty_points_enabled="true",
            loyalty_points_per_currency_unit="0.7",
            loyalty_redemption_token_ttl_minutes="240",
            loyalty_otp_ttl_minutes="60",
        )
        use_shop(shop.id)
        keys = [create_api_key(f"Client {number}", rate_limit_per_minute=10_000) for number in range(clients)]
        with transaction():
            products: list[Product] = [
                add_product(f"Bidhaa {number}", cents, slug=f"bidhaa-{number}", stock_quantity=MANY)
                for number, cents in enumerate(PRICES)
            ]
            add_coupon(COUPON, "percentage", 1000)
            purses = [[_wallet(f"wallet-{client}-{number}") for number in range(wallets)] for client in range(clients)]
        made = Stocked(
            shop.id,
            [(key.consumer_key, key.consumer_secret) for key in keys],
            [product.id for product in products],
            purses,
        )
        db.session.remove()
        db.engine.dispose()
    return made


def _wallet(name: str) -> tuple[str, str]:
    customer = create_customer(f"{name}@example.com", first_name="Mteja")
    adjust_points(customer.id, GIFT, name, SYSTEM)
    return customer.email, issue_token(customer.id, 240)

"""Fixtures. Every test with a database runs on SQLite and on PostgreSQL, and creates its own shop.

Nothing is deleted between tests: the shop scope separates them, which tests the scope as well. A test that changes
tables directly uses ``private_app``, which has its own database.
"""

import gc
import os
import signal
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from sqlalchemy import event

from shop.db.compiled import statement_events
from shop.db.session import db
from shop.db.tenant import use_shop
from shop.services import passwords
from shop.web.http.rate_limit import InProcessStorage, limiter
from tests import factories
from tests.factories import ShopAtHand
from tests.support.clients import ApiCaller, ShopClient
from tests.support.contract import CheckedClient
from tests.support.daraja import FakeDaraja
from tests.support.databases import ENGINES, DatabaseHost, Databases, close, place_of_databases
from tests.support.server import Server

PAGES = {"checkout", "customer_page", "hosted_shop", "staff", "web"}
NOON = 43_200.0  # in 1970: all windows begin then
_begun = [time.monotonic()]
HOST = pytest.StashKey[DatabaseHost]()
settings.register_profile("tuza", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("unshrunk", settings.get_profile("tuza"), phases=[Phase.explicit, Phase.generate])
settings.load_profile("tuza")  # no deadlines: a busy machine is not a wrong sum
OURS = (
    "DARAJA_",
    "DATABASE_",
    "PAYMENT_",
    "REDIS_URL",
    "SECRET_KEY",
    "MAIL_",
    "TUZA_",
    "TRUSTED_PROXIES",
    "OTP_",
    "STOREFRONT_",
    "WORKER_",
)


def pytest_configure(config: pytest.Config) -> None:
    """Keep the developer's environment and instance folder out of the tests."""
    if hasattr(config, "workerinput"):
        return
    folder = Path(tempfile.mkdtemp(prefix="tuza-tests-", dir=place_of_databases()))
    folder.chmod(0o711)  # the server's own folder inside is for its user alone
    config.stash[HOST] = DatabaseHost(folder)
    config.add_cleanup(config.stash[HOST].stop)
    signal.signal(signal.SIGTERM, _end)
    for name in [name for name in os.environ if name.startswith(OURS)]:
        del os.environ[name]
    os.environ["SHOP_INSTANCE"] = str(folder / "instance")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option for a run without shortcuts."""
    parser.addoption("--all-engines", action="store_true", help="run the tests of pages on every engine, too")


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test of pages on one engine, half of them on each: services and queries are tested on both."""
    if "engine_name" not in metafunc.fixturenames or metafunc.config.getoption("--all-engines"):
        return
    test = metafunc.definition
    if test.path.relative_to(Path(__file__).parent).parts[0] in PAGES or test.get_closest_marker("one_engine"):
        engine = ENGINES[zlib.crc32(test.nodeid.encode()) % 2]
        test.add_marker(pytest.mark.parametrize("engine_name", [engine], indirect=True, scope="session"))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Any:
    """Collect no garbage while tests are collected: all that is made then stays."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """Keep modules and collected tests out of each later garbage collection: 7 % of the suite's processor time."""
    gc.collect()
    gc.freeze()


def reset_limits() -> None:
    """Forget all counts of the rate limits kept in memory, and begin their windows now."""
    limiter.reset()
    _begun[:] = [time.monotonic()]


def _end(*_: object) -> None:
    """Treat SIGTERM like an interrupted run, so that fixtures clean up."""
    raise KeyboardInterrupt


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Pass the database server's address to a worker of pytest-xdist."""
    databases = node.config.stash[HOST].databases()
    node.workerinput["databases"] = [databases.folder, databases.socket]


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> None:
    """Use argon2id at its lowest cost."""
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._decoy = passwords._hasher.hash("no such person")


@pytest.fixture(scope="session", autouse=True)
def _steady_windows() -> None:
    """Begin a window of the rate limits with each test: one that ends within a test lets more requests pass."""
    InProcessStorage.clock = staticmethod(lambda: NOON + time.monotonic() - _begun[-1])


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Databases:
    """The databases of the tests."""
    if hasattr(request.config, "workerinput"):
        return Databases(*request.config.workerinput["databases"])
    return request.config.stash[HOST].databases()


@pytest.fixture(scope="session", params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """The engine a test runs on: each test once on each."""
    return str(request.param)


@pytest.fixture(scope="session")
def _apps(databases: Databases) -> Iterator[Callable[[str], Flask]]:
    made: dict[str, Flask] = {}

    def app_on(engine: str) -> Flask:
        if engine not in made:
            made[engine] = databases.app(databases.fresh(engine))
        return made[engine]

    yield app_on
    for app in made.values():
        close(app)


@pytest.fixture
def app(_apps: Callable[[str], Flask], engine_name: str) -> Flask:
    """An application on a migrated database that all tests of the worker share."""
    reset_limits()
    factories.shops_of_test.clear()
    return _apps(engine_name)


@pytest.fixture(scope="session")
def servers(databases: Databases) -> Iterator[Callable[[str], Server]]:
    """Server processes, one installation an engine, started for the first test that needs them."""
    running: dict[str, Server] = {}

    def server_on(engine: str) -> Server:
        if engine not in running:
            app = databases.app(databases.fresh(engine))
            running[engine] = Server(app, tempfile.mkdtemp(prefix="server-", dir=databases.folder))
        return running[engine]

    yield server_on
    for server in running.values():
        server.stop()
        close(server.app)


@pytest.fixture
def make_private_app(databases: Databases, engine_name: str) -> Iterator[Callable[..., Flask]]:
    """Return a function that creates applications on their own databases; takes configuration as keywords."""
    made: list[Flask] = []

    def make(**overrides: Any) -> Flask:
        made.append(databases.app(databases.fresh(engine_name), **overrides))
        return made[-1]

    yield make
    for app in made:
        close(app)
        databases.drop(app.config["SQLALCHEMY_DATABASE_URI"])


@pytest.fixture(scope="session")
def _private_apps(databases: Databases) -> Iterator[dict[str, Flask]]:
    made: dict[str, Flask] = {}
    yield made
    for app in made.values():
        close(app)


@pytest.fixture
def private_app(databases: Databases, _private_apps: dict[str, Flask], engine_name: str) -> Iterator[Flask]:
    """An application on its own database, for tests that change tables or count all rows.

    The application is kept for the next test, on a new database: making one takes longer than most tests.
    """
    app = _private_apps.pop(engine_name, None)
    if app is None:
        app = databases.app(databases.fresh(engine_name))
    else:
        databases.renew(app)
    reset_limits()
    config = app.config.copy()
    yield app
    close(app)
    app.config.clear()
    app.config.update(config)
    _private_apps[engine_name] = app


@pytest.fixture
def shop(app: Flask) -> ShopAtHand:
    """A new shop with loyalty on. No context is open."""
    with app.app_context():
        return factories.make_shop()


@pytest.fixture
def ctx(app: Flask, shop: ShopAtHand) -> Iterator[ShopAtHand]:
    """The shop, inside an application context: for tests of services, not of endpoints."""
    with app.app_context():
        use_shop(shop.id)
        yield shop


@pytest.fixture
def inside(app: Flask, shop: ShopAtHand) -> Callable[..., Any]:
    """Call a function inside a context of the shop, to prepare and check data in tests of endpoints.

    ``inside(factories.make_customer, "jane@example.com")``
    """

    def call(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        with app.app_context():
            use_shop(shop.id)
            return function(*args, **kwargs)

    return call


@pytest.fixture
def client(app: Flask, shop: ShopAtHand) -> ShopClient:
    """A client at the shop's host, without key or session; checks each JSON response against the OpenAPI document."""
    return CheckedClient.at(app, shop.host)


@pytest.fixture
def api(client: ShopClient, inside: Callable[..., Any]) -> ApiCaller:
    """A key of the shop that may read and write, 10,000 times a minute."""
    key = inside(factories.make_api_key)
    return ApiCaller(client, key.consumer_key, key.consumer_secret)


@pytest.fixture
def reader(client: ShopClient, inside: Callable[..., Any]) -> ApiCaller:
    """A key of the shop that may only read."""
    key = inside(factories.make_api_key, may_write=False)
    return ApiCaller(client, key.consumer_key, key.consumer_secret)


@pytest.fixture
def stranger(app: Flask, client: ShopClient) -> ApiCaller:
    """A key of another shop."""
    with app.app_context():
        factories.make_shop()
        key = factories.make_api_key()
    return ApiCaller(client, key.consumer_key, key.consumer_secret)


@pytest.fixture
def statements(app: Any) -> Callable[[], Any]:
    """Counts the statements that a block sends to the database."""

    @contextmanager
    def counted() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            seen.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            with statement_events():
                yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return counted


@pytest.fixture
def daraja() -> Iterator[FakeDaraja]:
    """A stand-in of Daraja that is running."""
    server = FakeDaraja()
    server.start()
    yield server
    server.stop()

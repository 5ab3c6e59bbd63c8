"""Changes in one process are visible in every other at once: a server responds while this process makes changes.

On SQLite the second process plays a command beside the one web process.
"""

import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from typing import Any

import pytest
from flask import Flask, json

from shop.config import ROOT
from shop.db.tenant import use_shop
from shop.services.shops.settings import change_setting, change_settings
from shop.services.staff.api_keys import regenerate_key, revoke_key
from tests import factories
from tests.factories import TESTER, ShopAtHand
from tests.support.rows import run_sql

SERVER = """
import sys
from shop import create_app
from tests.support.live_server import serve
with serve(create_app()) as address:
    print(address, flush=True)
    sys.stdin.read()
"""
Ask = Callable[..., tuple[int, Any]]


@pytest.fixture
def duka(private_app: Flask) -> Iterator[ShopAtHand]:
    """A shop in a database that two processes share, in a context of this one."""
    with private_app.app_context():
        yield factories.make_shop()


@pytest.fixture
def elsewhere(private_app: Flask, duka: ShopAtHand) -> Iterator[Ask]:
    """Sends a request to another process: ``elsewhere(path, key=…)`` returns status and JSON."""
    environ = os.environ | {
        "DATABASE_URL": private_app.config["SQLALCHEMY_DATABASE_URI"].replace("+psycopg", ""),
        "SECRET_KEY": private_app.config["SECRET_KEY"],
    }
    command = [sys.executable, "-c", SERVER]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, env=environ, **pipes) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        host, port = process.stdout.readline().strip().removeprefix("http://").split(":")

        def ask(path: str, key: Any = None) -> tuple[int, Any]:
            headers = {"Host": duka.host}
            if key is not None:
                pair = f"{key.consumer_key}:{key.consumer_secret}"
                headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
            connection = HTTPConnection(host, int(port), timeout=30)
            connection.request("GET", f"/api/v1{path}", headers=headers)
            answer = connection.getresponse()
            body = json.loads(answer.read())
            connection.close()
            return answer.status, body

        yield ask
        process.communicate()  # closes its input, which ends it


def test_a_key_that_is_revoked_or_renewed_here_stops_there_at_once(elsewhere: Ask, duka: ShopAtHand) -> None:
    kept, revoked, renewed = (factories.make_api_key() for _ in range(3))
    for key in (kept, revoked, renewed):
        assert elsewhere("/customers", key)[0] == 200
    revoke_key(revoked.id, TESTER)
    assert elsewhere("/customers", revoked)[0] == 401
    again = regenerate_key(renewed.id, TESTER)
    assert elsewhere("/customers", renewed)[0] == 401
    run_sql("UPDATE api_keys SET expires_at = '2020-01-01 00:00:00' WHERE id = :id", id=kept.id)
    assert elsewhere("/customers", kept)[0] == 401
    assert elsewhere("/customers", again)[0] == 200


def test_settings_hosts_and_names_changed_here_hold_there_at_once(elsewhere: Ask, duka: ShopAtHand) -> None:
    key = factories.make_api_key()

    def seen() -> tuple[Any, ...]:
        config = elsewhere("/storefront/loyalty/config")[1]["data"]["config"]
        public = elsewhere("/storefront/settings")[1]["data"]["settings"]
        rules = elsewhere("/marketing/loyalty/config", key)[1]["data"]["config"]
        return config["max_redeem_percent"], rules["max_redeem_percent"], config["enabled"], public["store_name"]

    assert seen() == (50, 50, True, duka.name)
    change_setting("loyalty_max_redeem_percent", "20", TESTER)
    assert seen() == (20, 20, True, duka.name)
    change_settings({"loyalty_points_enabled": False}, TESTER)
    run_sql("DELETE FROM shop_settings WHERE key = 'store_name'")
    assert seen() == (20, 20, False, duka.name)
    run_sql("UPDATE shops SET name = 'Duka Jipya' WHERE id = :id", id=duka.id)
    assert seen() == (20, 20, False, "Duka Jipya")
    run_sql("DELETE FROM shop_settings WHERE key = 'loyalty_max_redeem_percent'")
    assert seen() == (50, 50, False, "Duka Jipya")
    other = factories.make_shop("Nyingine", loyalty_max_redeem_percent="7")
    run_sql("UPDATE shop_hosts SET shop_id = :shop WHERE host = :host", shop=other.id, host=duka.host)
    use_shop(other.id)
    assert elsewhere("/storefront/loyalty/config")[1]["data"]["config"]["max_redeem_percent"] == 7

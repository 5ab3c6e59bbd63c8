"""The commands of docs/integration.md run as they are written."""

import json
import re
import shutil
import subprocess
import threading
from contextlib import contextmanager

import pytest
from flask import request, request_finished

from shop.config import ROOT
from shop.db.tenant import use_shop
from shop.db.transaction import transaction
from shop.services.catalogue.products.records import add_product
from shop.services.shops.shops import create_shop
from tests import factories
from tests.support.codes import newest_code
from tests.support.live_server import serve

GUIDE = (ROOT / "docs/integration.md").read_text()
PATIENCE_SECONDS = 60


def blocks(language):
    """The guide's fenced blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def engine_name():
    """The guide's commands do not depend on the database."""
    return "sqlite"


@pytest.fixture
def demo(private_app, tmp_path):
    """A shop like the demo's, as far as the guide needs; the value is its id. Its keys are where the demo has them."""
    with private_app.app_context():
        settings = {"loyalty_points_enabled": "true"}
        shop = create_shop("Duka la Mama Njeri", slug="duka-la-mama-njeri", **settings)
        use_shop(shop.id)
        with transaction():
            assert add_product("Pishori rice from Mwea, 1 kg", 24000).id == 1
        factories.make_customer("otieno.owino@example.com", points=9000)
        factories.make_payment("cod", "Cash on Delivery")
        key = factories.make_api_key()
    (tmp_path / "instance").mkdir()
    keys = {"consumer_key": key.consumer_key, "consumer_secret": key.consumer_secret}
    (tmp_path / "instance/demo.json").write_text(json.dumps({"api_key": keys}))
    return shop.id


@contextmanager
def answered(app, endpoint):
    """Yield an event that is set once the app has answered a request to the endpoint."""
    event = threading.Event()

    def notice(_app, **_response):
        if request.endpoint == endpoint:
            event.set()

    with request_finished.connected_to(notice, app):
        yield event


def code_of(app, shop_id):
    """The newest code of the shop."""
    with app.app_context():
        use_shop(shop_id)
        return newest_code(app)


def _mistyped(code):
    return f"{code[:-1]}{(int(code[-1]) + 1) % 10}"


def test_the_guides_commands_lead_from_nothing_to_a_paid_order_with_points(private_app, demo, tmp_path):
    bash = shutil.which("bash")
    assert bash
    with serve(private_app) as address, answered(private_app, "storefront.storefront_code_send") as code_sent:
        script = "set -euo pipefail\n" + "\n".join(blocks("sh")).replace("http://localhost:5000", address)
        run = subprocess.Popen(
            [bash, "-c", script], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        try:
            assert code_sent.wait(PATIENCE_SECONDS), "no code was asked for"
            code = code_of(private_app, demo)
            said, complained = run.communicate(f"{_mistyped(code)}\n{code}\n".encode(), timeout=PATIENCE_SECONDS)
        finally:
            run.kill()
            run.wait()
    assert run.returncode == 0, (said.decode(), complained.decode())
    assert b"The code is wrong or no longer valid." in complained
    lines = said.decode().splitlines()
    assert lines[0] == "Duka la Mama Njeri"
    assert re.search(r"ORD-\S+: 390.00 to pay, 9000 points used, 480 to earn once it is paid", said.decode())
    assert "pending" in lines
    assert lines[-1].startswith("Earned on order ORD-")


def test_the_tags_of_the_guide_are_those_of_the_demo_storefront():
    page = (ROOT / "examples/storefront/index.html").read_text()
    tags = re.findall(r'<script src="http.*?</script>', blocks("html")[0])
    assert len(tags) == 2
    assert all(tag in page for tag in tags)


def test_what_the_guide_asks_make_for_is_there():
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make (\w+)`", GUIDE)) <= targets

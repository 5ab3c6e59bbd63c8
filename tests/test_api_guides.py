"""The commands of docs/api and docs/webhooks.md run as they are written, and print what the guides say."""

import os
import re
import shutil
import subprocess

import pytest

from shop.config import ROOT
from shop.db.tenant import use_shop
from shop.services.sandbox.shops import create_sandbox
from shop.services.shops.shops import get_shop
from tests import factories
from tests.support.live_server import serve

BLOCKS = re.compile(r"^```(sh|text)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PAGES = [*sorted((ROOT / "docs/api").glob("*.md")), ROOT / "docs/webhooks.md"]
GUIDES = [path for path in PAGES if "```sh" in path.read_text()]


@pytest.fixture
def engine_name():
    """The guides' commands do not depend on the database."""
    return "sqlite"


@pytest.fixture
def make_key(private_app):
    """A function that makes an API key of a shop with five customers, or of its sandbox, as curl takes it."""

    def make(is_sandbox):
        with private_app.app_context():
            shop = factories.make_shop()
            for _ in range(5):
                factories.make_customer()
            if is_sandbox:
                use_shop(create_sandbox(get_shop(shop.slug), hosts=[]).id)
            made = factories.make_api_key()
            return f"{made.consumer_key}:{made.consumer_secret}"

    return make


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_the_guides_commands_print_what_it_says(private_app, make_key, guide):
    bash = shutil.which("bash")
    assert bash
    blocks = BLOCKS.findall(guide.read_text())
    expected = "".join(text for language, text in blocks if language == "text")
    script = "set -euo pipefail\n" + "\n".join(text for language, text in blocks if language == "sh")
    with serve(private_app) as address:
        run = subprocess.run(
            [bash, "-c", script],
            env={**os.environ, "TUZA": address, "KEY": make_key(guide.stem == "sandbox")},
            capture_output=True,
            text=True,
        )
    assert (run.returncode, run.stdout, run.stderr) == (0, expected, "")

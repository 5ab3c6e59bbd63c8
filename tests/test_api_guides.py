"""The commands of docs/api run as they are written, and print what the guides say."""

import os
import re
import shutil
import subprocess

import pytest

from shop.config import ROOT
from tests import factories
from tests.support.live_server import serve

BLOCKS = re.compile(r"^```(sh|text)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
GUIDES = [path for path in sorted((ROOT / "docs/api").glob("*.md")) if "```sh" in path.read_text()]


@pytest.fixture
def engine_name():
    """The guides' commands do not depend on the database."""
    return "sqlite"


@pytest.fixture
def key(private_app):
    """An API key of a shop with five customers, as curl takes it."""
    with private_app.app_context():
        factories.make_shop()
        for _ in range(5):
            factories.make_customer()
        made = factories.make_api_key()
        return f"{made.consumer_key}:{made.consumer_secret}"


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_the_guides_commands_print_what_it_says(private_app, key, guide):
    bash = shutil.which("bash")
    assert bash
    blocks = BLOCKS.findall(guide.read_text())
    expected = "".join(text for language, text in blocks if language == "text")
    script = "set -euo pipefail\n" + "\n".join(text for language, text in blocks if language == "sh")
    with serve(private_app) as address:
        run = subprocess.run(
            [bash, "-c", script], env={**os.environ, "TUZA": address, "KEY": key}, capture_output=True, text=True
        )
    assert (run.returncode, run.stdout, run.stderr) == (0, expected, "")

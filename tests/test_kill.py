"""After a crash the shop is consistent: the short form of ``python -m bench.kill`` and its ``statements``."""

import subprocess
import sys

import pytest

from bench.kill.killable_shop import KillableShop
from bench.kill.run import KillPlan, kill_at_work
from shop.config import ROOT
from tests.support.databases import Databases


@pytest.fixture
def database_url(databases: Databases, engine_name: str) -> str | None:
    """A separate database; None for a SQLite file in the shop's own folder."""
    return databases.fresh(engine_name) if engine_name == "postgresql" else None


def test_an_order_killed_at_any_write_is_whole_or_not_there(database_url: str | None) -> None:
    given = ["--database-url", database_url, "--migrated"] if database_url else []
    command = [sys.executable, "-m", "bench.kill.statements", *given]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout.splitlines()[-1].split()[0]) > 30  # kills; a slow machine logs warnings before


def test_a_shop_killed_under_load_loses_nothing(database_url: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_INSTANCE", "")  # put back afterwards: the shop names its own
    with KillableShop(database_url, workers=1) as shop:
        outcome = kill_at_work(shop, KillPlan(2, clients=4, patient=False), migrated=database_url is not None)
        assert outcome.is_clean, [*outcome.differences, shop.last_words()]
    assert outcome.journal.answered > 0

"""Migrations forward and back, as Flask-Migrate's commands run them; their files are read once a process."""

from collections.abc import Callable
from functools import cache
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

from shop.config import ROOT
from shop.db.session import db

SETTINGS = Config()
SETTINGS.set_main_option("script_location", str(ROOT / "migrations"))


@cache
def scripts() -> ScriptDirectory:
    """All migrations."""
    return ScriptDirectory.from_config(SETTINGS)


def revisions() -> list[str]:
    """All revisions, the newest first."""
    return [script.revision for script in scripts().walk_revisions()]


def upgrade(revision: str = "head") -> None:
    """Migrate the current application's database forward."""
    _run(lambda current, _: scripts()._upgrade_revs(revision, current))


def downgrade(revision: str) -> None:
    """Migrate the current application's database back."""
    _run(lambda current, _: scripts()._downgrade_revs(revision, current))


def _run(find_steps: Callable[[Any, Any], Any]) -> None:
    with EnvironmentContext(SETTINGS, scripts(), fn=find_steps):
        scripts().run_env()
    db.engine.dispose()  # connections keep plans of the tables as they were

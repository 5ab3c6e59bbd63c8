"""An installed wheel runs outside of the checkout."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from shop.config import ROOT

PAGE = """
from shop.wsgi import app
client = app.test_client()
page = client.get("/staff/sign-in")
assert page.status_code == 200, page.status
assert client.get("/static/css/tuza.css").status_code == 200
assert client.get("/readyz").status_code == 200
print(app.root_path)
"""


def run(command: list[str], folder: Path, **environ: str) -> str:
    kept = {name: value for name, value in os.environ.items() if name not in {"SHOP_INSTANCE", "DATABASE_URL"}}
    done = subprocess.run(command, cwd=folder, env=kept | environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the wheel installs."""
    folder = tmp_path_factory.mktemp("site-packages")
    run([sys.executable, "setup.py", "-q", "build_py", "--build-lib", str(folder)], ROOT)
    return folder


@pytest.mark.parametrize("resources", ["templates", "static", "migrations"])
def test_a_wheel_has_every_resource(installed: Path, resources: str) -> None:
    files = [path for path in (ROOT / resources).rglob("*") if path.is_file() and path.suffix != ".pyc"]
    missing = [path for path in files if not (installed / "shop" / path.relative_to(ROOT)).is_file()]
    assert files
    assert missing == []


def test_an_installed_tuza_migrates_and_shows_pages(installed: Path, tmp_path: Path) -> None:
    environ = {"PYTHONPATH": str(installed), "XDG_DATA_HOME": str(tmp_path / "data")}
    run([sys.executable, "-c", "from shop.cli.main import main; main()", "db", "upgrade"], tmp_path, **environ)
    root_path = run([sys.executable, "-c", PAGE], tmp_path, **environ).splitlines()[-1]
    assert Path(root_path) == installed / "shop"
    assert (tmp_path / "data/tuza/tuza.db").is_file()

"""Where counters are kept: never on the disk of the instance folder, which may be full."""

import os
from pathlib import Path

import pytest

from shop.cli.commands import up
from shop.observability import multiprocess


class Supervisor:
    """Notes the environment that each process is started with."""

    def __init__(self):
        self.environments = []

    def start(self, _name, _command, environ):
        self.environments.append(environ)


def test_up_keeps_no_counters_in_the_instance_folder(app, engine_name, monkeypatch):
    monkeypatch.delenv(multiprocess.NAME, raising=False)
    supervisor = Supervisor()
    with app.app_context():
        up._start(supervisor, "127.0.0.1", 5000)
    folders = {environ.get(multiprocess.NAME) for environ in supervisor.environments}
    if engine_name == "sqlite":
        assert folders == {None}  # one process counts in its own memory
    else:
        (folder,) = folders
        assert len(supervisor.environments) == 2
        assert Path(folder).is_dir()
        assert not Path(folder).is_relative_to(app.config["SHOP_INSTANCE"])
        os.rmdir(folder)
    assert not (Path(app.config["SHOP_INSTANCE"]) / "metrics").exists()


@pytest.mark.parametrize("there", [True, False])
def test_counters_are_in_memory_where_there_is_such_a_folder(there, tmp_path, monkeypatch):
    monkeypatch.setattr(multiprocess, "MEMORY", tmp_path if there else tmp_path / "missing")
    monkeypatch.setattr(multiprocess.tempfile, "tempdir", str(tmp_path.parent))
    folder = Path(multiprocess.make_counters_folder())
    assert folder.parent == (tmp_path if there else tmp_path.parent)
    folder.rmdir()

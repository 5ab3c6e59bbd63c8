"""The worker's loop: it runs every registered job, survives failures and stops on request."""

import importlib.util
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from shop.config import ROOT
from shop.worker import loop
from shop.worker.loop import run_job, run_worker, start_inline_worker
from shop.worker.registry import Job, all_jobs
from tests import factories
from tests.support.smtp import MailServer


def test_every_module_of_jobs_registers_one() -> None:
    names = {job.run.__module__.rpartition(".")[2] for job in all_jobs()}
    assert names == {file.stem for file in (ROOT / "shop/worker/jobs").glob("*.py")} - {"__init__"}


def test_production_without_a_mail_server_is_logged(
    make_private_app: Callable[..., Flask], caplog: pytest.LogCaptureFixture
) -> None:
    stopped = threading.Event()
    stopped.set()
    run_worker(make_private_app(TUZA_ENV="production"), stopped)
    assert [record.getMessage() for record in caplog.records if "MAIL_SERVER" in record.getMessage()] == [
        "MAIL_SERVER is not set: messages by email wait in the outbox until it is"
    ]


def test_a_job_that_fails_is_tried_again_and_its_message_is_not_logged(
    private_app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stop = threading.Event()
    errors = iter([OperationalError("SELECT", {}, Exception("gone")), ValueError("jane@example.com")])
    runs: list[str] = []

    def run(_config: Mapping[str, Any], _stop: threading.Event) -> int:
        runs.append("run")
        error = next(errors, None)
        if error is not None:
            raise error
        stop.set()
        return 1

    monkeypatch.setattr(loop, "OUTAGE_SECONDS", 0)
    run_job(private_app, Job("example", None, run), stop)
    assert len(runs) == 3
    assert "the job example failed and will be tried again" in caplog.text
    assert "jane@example.com" not in caplog.text


def test_all_jobs_run_in_the_worker(private_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    barrier, stop = threading.Barrier(3), threading.Event()

    def run(_config: Mapping[str, Any], _stop: threading.Event) -> int:
        barrier.wait(30)
        return 0

    monkeypatch.setattr(loop, "all_jobs", lambda: [Job("one", 60, run), Job("two", 60, run)])
    worker = threading.Thread(target=run_worker, args=(private_app, stop))
    worker.start()
    barrier.wait(30)
    stop.set()
    worker.join(30)
    assert not worker.is_alive()


def test_the_thread_in_the_web_process_sends_and_stops(make_private_app: Callable[..., Flask]) -> None:
    server = MailServer()
    server.start()
    app = make_private_app(**server.config)
    with app.app_context():
        factories.make_shop()
        factories.place(factories.make_customer(), [(factories.make_product(), 1)])
    before = set(threading.enumerate())
    stop = start_inline_worker(app)
    threads = set(threading.enumerate()) - before
    assert "tuza-worker" in {thread.name for thread in threads}
    assert server.arrived.wait(30)
    stop.set()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    server.stop()


@pytest.mark.parametrize(("word", "starts"), [("", True), ("on", True), ("off", False)])
def test_the_web_process_leaves_mail_to_a_separate_worker_when_configured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, word: str, starts: bool
) -> None:
    for name, value in (("INLINE_WORKER", word), ("SHOP_INSTANCE", str(tmp_path)), ("DATABASE_URL", "")):
        monkeypatch.setenv(name, value)
    spec = importlib.util.spec_from_file_location("gunicorn_settings", ROOT / "shop/server/gunicorn_conf.py")
    assert spec is not None
    assert spec.loader is not None
    settings = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(settings)
    started: list[str] = []
    monkeypatch.setattr(settings, "start_inline_worker", started.append)
    settings.post_worker_init(SimpleNamespace(app=SimpleNamespace(wsgi=lambda: "the application")))
    assert started == (["the application"] if starts else [])

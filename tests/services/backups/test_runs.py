"""Runs of backups: one at a time, claimed once, ended for a worker that died."""

from datetime import timedelta

from shop.services import clock
from shop.services.backups.runs import (
    LEASE,
    claim_run,
    fail_run,
    finish_run,
    keep_file,
    list_runs,
    record_backup,
    request_backup,
)
from tests.factories import TESTER


def states():
    return [run.state for run in list_runs()]


def test_one_backup_is_made_at_a_time(clean_ctx):
    assert request_backup(TESTER)
    assert not request_backup(TESTER)
    run_id = claim_run()
    assert claim_run() is None
    keep_file(run_id, "tuza-1.tar.gz", 1024)
    assert not request_backup(TESTER)
    finish_run(run_id)
    assert states() == ["done"]
    assert list_runs()[0].verified_at is not None
    assert request_backup(TESTER)


def test_a_failure_is_kept_with_its_reason(clean_ctx):
    request_backup(TESTER)
    fail_run(claim_run(), "The disk is full.")
    assert [(run.state, run.error) for run in list_runs()] == [("failed", "The disk is full.")]


def test_a_run_whose_worker_died_ends(clean_ctx):
    request_backup(TESTER)
    claim_run()
    with clock.moved_to(clock.now() + LEASE + timedelta(minutes=1)):
        assert claim_run() is None
        assert states() == ["failed"]
        assert request_backup(TESTER)


def test_a_commands_backup_is_listed_as_not_verified(clean_ctx):
    record_backup("tuza backup create", "tuza-2.tar.gz", 2048)
    run = list_runs()[0]
    assert (run.state, run.file, run.size_bytes, run.verified_at) == ("done", "tuza-2.tar.gz", 2048, None)

"""Make the backups that staff request."""

import logging
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shop.backups.archive import BackupError
from shop.backups.work import Installation, create_backup, set_up
from shop.services.backups.runs import claim_run, fail_run, finish_run, keep_file
from shop.worker.registry import job

log = logging.getLogger("tuza.backups")


@job("backups", interval=5)
def make_requested_backup(config: Mapping[str, Any], _stop: threading.Event) -> int:
    """Make and verify a requested backup; return 1, or 0 for none.

    It is verified by restoring it into a temporary database and comparing the rows of each table.
    """
    run_id = claim_run()
    if run_id is None:
        return 0
    installation = Installation(config["SQLALCHEMY_DATABASE_URI"], Path(config["SHOP_INSTANCE"]))
    try:
        file, _manifest = create_backup(installation, installation.instance / "backups")
        keep_file(run_id, file.name, file.stat().st_size)
        with set_up(installation, file):
            finish_run(run_id)
    except BackupError as error:
        log.error("the backup failed: %s", error)
        fail_run(run_id, str(error))
    except Exception:
        fail_run(run_id, "The backup failed. The log has the cause.")
        raise
    return 1

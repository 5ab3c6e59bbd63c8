"""Do what is due in sandbox shops, each by its own clock."""

import threading
from collections.abc import Mapping
from typing import Any

from shop.db.session import db
from shop.db.tenant import in_shop
from shop.services.sandbox.due import run_due
from shop.services.sandbox.shops import list_sandboxes
from shop.worker.registry import job


@job("sandbox", interval=15)
def run_sandboxes(_config: Mapping[str, Any], stop: threading.Event) -> int:
    """Do what is due in each sandbox shop; return how much it was."""
    done = 0
    for shop_id in list_sandboxes():
        if stop.is_set():
            break
        with in_shop(shop_id):
            done += sum(run_due().values())
            db.session.rollback()
    return done

"""Do what is due in sandbox shops, each by its own clock."""

import threading
from collections.abc import Mapping
from typing import Any

from shop.services.sandbox.due import run_due
from shop.services.sandbox.shops import list_sandboxes
from shop.worker.each_shop import for_each_shop
from shop.worker.registry import job


@job("sandbox", interval=15)
def run_sandboxes(_config: Mapping[str, Any], stop: threading.Event) -> int:
    """Do what is due in each sandbox shop; return how much it was."""
    return for_each_shop(list_sandboxes(), lambda: sum(run_due().values()), stop)

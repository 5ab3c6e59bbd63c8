"""Check, apply and undo imports, a batch of rows at a time."""

import threading
from collections.abc import Mapping
from typing import Any

from shop.services.approvals.requests import request_import
from shop.services.imports.work import work_on_imports
from shop.worker.registry import job


@job("imports")
def imports(_config: Mapping[str, Any], _stop: threading.Event) -> int:
    """Process a batch of an import; return how many rows it had."""
    return work_on_imports(request_import)

"""A process of one version: ``python bench/compare/worker.py TREE``. Run by ``bench.compare``.

It reads requests as JSON lines from its input and answers each with a line: the nanoseconds of the thread's processor
time that each request took, and the statements that one sent.
"""

import gc
import json
import logging
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

ENGINES = ("sqlite", "postgresql")
MANY = 10**6
SETTINGS = {"REQUESTS_AT_ONCE": 1, "ORDERS_PER_ADDRESS_HOUR": MANY, "STOREFRONT_REQUESTS_PER_15_MINUTES": MANY}


def main(tree: str) -> None:
    """Serve until the input ends. The modules of the tree are imported here, as it is another one for each process."""
    from cases import REQUESTS, Shop  # the module beside this one

    warnings.simplefilter("ignore")
    sys.path.insert(0, tree)
    os.chdir(tree)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the applications print is not an answer
    with tempfile.TemporaryDirectory(prefix="tuza-compare-") as folder:
        Path(folder).chmod(0o711)
        os.environ["SHOP_INSTANCE"] = f"{folder}/instance"
        from tests import factories
        from tests.support import clients
        from tests.support.databases import DatabaseHost, close

        host = DatabaseHost(Path(folder))
        try:
            databases = host.databases()
            apps = {engine: databases.app(databases.fresh(engine), **SETTINGS) for engine in ENGINES}
            shops = {engine: Shop.made(app, factories, clients, _use_shop()) for engine, app in apps.items()}
            logging.getLogger("tuza").setLevel(logging.ERROR)
            _say(answers, "ready")
            for line in sys.stdin:
                asked = json.loads(line)
                request = REQUESTS[asked["request"]]
                _say(answers, _measure(shops[asked["engine"]], request, asked["times"]))
            for app in apps.values():
                close(app)
        finally:
            host.stop()


def _say(answers: Any, value: Any) -> None:
    print(json.dumps(value), file=answers, flush=True)


def _use_shop() -> Callable[[int], None]:
    if _has_db_package():
        from shop.db.tenant import use_shop
    else:
        from shop.services.scope import use_shop  # type: ignore[import-not-found,no-redef]
    return use_shop


def _has_db_package() -> bool:
    """Return whether the tree has ``shop/db``; importing it would find that of an installed version."""
    return Path("shop/db").is_dir()


def _measure(shop: Any, request: Callable[[Any], None], times: int) -> dict[str, Any]:
    statements = _count_statements(shop, request)
    gc.collect()
    gc.disable()
    took = []
    for _ in range(times):
        began = time.thread_time_ns()
        request(shop)
        took.append(time.thread_time_ns() - began)
    gc.enable()
    return {"took": took, "statements": statements}


def _count_statements(shop: Any, request: Callable[[Any], None]) -> int:
    from sqlalchemy import Engine, event

    events: Callable[[], Any] = nullcontext
    if _has_db_package():
        from shop.db.compiled import statement_events as events
    sent = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        with events():
            request(shop)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return len([statement for statement in sent if not statement.startswith("BEGIN")])


if __name__ == "__main__":
    main(sys.argv[1])

"""Concurrent calls in real threads, each with its own context and session, started at the same moment."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask

from shop.db.tenant import use_shop


def all_at_once(app: Flask, shop_id: int, calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Return what each call returned, or the exception it raised, in order."""
    barrier = threading.Barrier(len(calls))

    def one(call: Callable[[], Any]) -> Any:
        with app.app_context():
            use_shop(shop_id)
            barrier.wait(30)
            try:
                return call()
            except Exception as error:
                return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))

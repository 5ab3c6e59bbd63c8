"""A worker process to kill: ``shop.worker`` as the command runs it, with names that mean the receivers."""

import multiprocessing
import random
import socket
import threading
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from typing import Any

from bench.webhooks.receiver import DOMAIN

PUBLIC, PRIVATE = "9.9.9.9", "127.0.0.2"
"""The meaning of the receivers' names. Connections to the public address end at the receivers instead."""
_context = multiprocessing.get_context("forkserver")


@dataclass(frozen=True)
class Setting:
    """The data of a worker."""

    config: dict[str, Any]
    port: int
    """Of the receivers."""
    seed: int


def preload() -> None:
    """Import the application once, so that a worker starts in a moment."""
    _context.set_forkserver_preload(["__main__", "bench.webhooks.preloaded"])


def start(setting: Setting) -> ForkServerProcess:
    """Start a worker."""
    worker = _context.Process(target=_work, args=(setting,), daemon=True)
    worker.start()
    return worker


def _work(setting: Setting) -> None:
    import logging

    from shop import create_app
    from shop.worker.loop import run_worker

    logging.disable(logging.WARNING)
    _divert(setting.port, random.Random(setting.seed))
    run_worker(create_app(setting.config), threading.Event())


def _divert(receivers: int, chance: random.Random) -> None:
    """Let the receivers' names mean a public address, and ``rebinds`` now and then a private one."""
    resolve, connect = socket.getaddrinfo, socket.create_connection

    def getaddrinfo(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        if not str(host).endswith(DOMAIN):
            return resolve(host, port, *rest, **options)
        address = PRIVATE if str(host).startswith("rebinds") and chance.random() < 0.5 else PUBLIC
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def create_connection(address: tuple[str, int], *rest: Any, **options: Any) -> socket.socket:
        return connect(("127.0.0.1", receivers) if address[0] == PUBLIC else address, *rest, **options)

    socket.getaddrinfo = getaddrinfo
    socket.create_connection = create_connection  # type: ignore[assignment]

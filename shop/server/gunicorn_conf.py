"""gunicorn's settings, for ``tuza up`` and for ``gunicorn --config python:shop.server.gunicorn_conf shop.wsgi:app``."""

import os

from gunicorn.arbiter import Arbiter
from gunicorn.http.message import Request
from gunicorn.workers.base import Worker

from shop.config import ConfigError, load_config
from shop.observability.multiprocess import NAME as FOLDER
from shop.observability.multiprocess import forget_counters, keep_counters_together

try:
    _config = load_config()
except ConfigError as _error:
    raise SystemExit(f"Error: {_error}") from None

_sqlite = _config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite")
if not _sqlite or os.environ.get(FOLDER):  # one process needs none; before anything is imported that counts
    keep_counters_together()

from shop.cli.parent_watch import exit_with_parent
from shop.server.connection_balance import connection_counts
from shop.worker.loop import start_inline_worker

bind = f"{_config['HOST']}:{_config['PORT']}"
worker_class = "shop.server.gunicorn_worker.SlowClientGuardWorker"  # gthread with deadlines
workers = 1 if _sqlite else _config["WEB_CONCURRENCY"]
threads = 8
keepalive = 15
graceful_timeout = 10
loglevel = "warning"
accesslog = None  # the application writes its own access log, as JSON
control_socket_disable = True

# shop/server/trusted_proxies.py handles forwarded headers, by TRUSTED_PROXIES.
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}

UNREAD_BYTES = 64 * 1024  # gunicorn closes a connection of which it would have to skip more


def on_starting(server: Arbiter) -> None:
    """Stop when the ``tuza up`` that started this server ends."""
    exit_with_parent()


def child_exit(server: Arbiter, worker: Worker) -> None:
    """Stop counting the connections of a worker process that ended."""
    forget_counters(worker.pid)
    connection_counts.forget(worker.age)


def pre_request(worker: Worker, request: Request) -> None:
    """Announce ``Connection: close`` where gunicorn closes after the response if the application leaves a body unread.

    Otherwise a client that is refused with 413 sends its next request on a connection that is already closed.
    """
    headers = dict(request.headers)
    length = headers.get("CONTENT-LENGTH", "0")
    if "TRANSFER-ENCODING" in headers or not length.isdecimal() or int(length) > UNREAD_BYTES:
        request.force_close()


def post_worker_init(worker: Worker) -> None:
    """On SQLite, where there is one web process, run the worker in it unless ``INLINE_WORKER`` is off.

    Otherwise ``tuza worker`` runs as a process of its own.
    """
    if _sqlite and _config["INLINE_WORKER"]:
        start_inline_worker(worker.app.wsgi())

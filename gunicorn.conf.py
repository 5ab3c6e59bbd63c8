"""gunicorn's settings, for ``gunicorn wsgi:app`` and for ``flask --app wsgi up`` alike."""

import os

from shop.config import ConfigError, load_config
from shop.observability.multiprocess import NAME as FOLDER
from shop.observability.multiprocess import forget_counters, keep_counters_together

try:
    _config = load_config()
except ConfigError as _wrong:
    raise SystemExit(f"Error: {_wrong}") from None

_sqlite = _config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite")
if not _sqlite or os.environ.get(FOLDER):  # one process needs none; before anything is imported that counts
    keep_counters_together()

from shop.cli.parent_watch import hold_lifeline
from shop.server.gunicorn_worker import shares
from shop.worker.loop import start_inline_worker

bind = f"{os.environ.get('HOST') or '127.0.0.1'}:{os.environ.get('PORT') or 5000}"
worker_class = "shop.server.gunicorn_worker.ImpatientWorker"  # gthread, with an end to its patience
workers = 1 if _sqlite else int(os.environ.get("WEB_CONCURRENCY") or max(2, min(os.cpu_count() or 1, 8)))
threads = 8
keepalive = 15
graceful_timeout = 10
loglevel = "warning"
accesslog = None  # the application writes its own access log, as JSON
control_socket_disable = True

# Whose forwarded headers count is TRUSTED_PROXIES' to say, and shop/server/trusted_proxies.py reads them.
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers = {}


def on_starting(server):
    """End together with ``up`` when that has started this server."""
    hold_lifeline()


def child_exit(server, worker):
    """What a process that ended had open is not counted any more."""
    forget_counters(worker.pid)
    shares.forget(worker.age)


def post_worker_init(worker):
    """On SQLite, where there is one web process, it sends the outbox too; on PostgreSQL ``flask worker`` does.

    With ``INLINE_WORKER`` off, ``flask worker`` does on SQLite as well.
    """
    if _sqlite and _config["INLINE_WORKER"]:
        start_inline_worker(worker.app.wsgi())

"""``GET /metrics`` for Prometheus.

Requires METRICS_TOKEN; in development without one, only requests from this machine are allowed.
"""

import os
from collections.abc import Iterable
from typing import Any, Final
from weakref import WeakSet

from flask import Blueprint, Request, Response, abort, current_app, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, Pool

from shop.domain.codes import same
from shop.observability.gauges import collect_gauges

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})

blueprint = Blueprint("metrics", __name__)
REQUESTS = Counter("tuza_requests", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram("tuza_request_seconds", "How long answers took.", ["method", "route"], buckets=BUCKETS)
IN_USE = Gauge(
    "tuza_database_connections_in_use", "Connections that somebody is working with.", multiprocess_mode="livesum"
)


_in_use: WeakSet[ConnectionPoolEntry] = WeakSet()


@event.listens_for(Pool, "checkout")
def _taken(_connection: Any, record: ConnectionPoolEntry, *_: Any) -> None:
    if record not in _in_use:
        _in_use.add(record)
        IN_USE.inc()


@event.listens_for(Pool, "checkin")
def _given_back(_connection: Any, record: ConnectionPoolEntry) -> None:
    """A connection that was closed at checkout is checked in without having been counted."""
    if record in _in_use:
        _in_use.discard(record)
        IN_USE.dec()


def count_request(asked: Request, status: int, seconds: float) -> None:
    """Count a request under its route's template, which has no ids; unknown paths count as one route."""
    route = asked.url_rule.rule if asked.url_rule is not None else "unknown"
    method = asked.method if asked.method in METHODS else "other"
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(method, route).observe(seconds)


class _Now(Collector):
    """Gauges read from the database when scraped, the same in every process."""

    def collect(self) -> Iterable[Metric]:
        """Yield a family for each gauge; only ``tuza_database_up`` if the database cannot be reached."""
        try:
            figures = collect_gauges()
        except SQLAlchemyError:
            yield GaugeMetricFamily("tuza_database_up", "Whether the database answers.", 0)
            return
        yield GaugeMetricFamily("tuza_database_up", "Whether the database answers.", 1)
        for name, (words, value) in figures.items():
            yield GaugeMetricFamily(name, words, value)


@blueprint.get("/metrics")
def metrics_show() -> Response:
    """Return all metrics. 401 for a wrong token; 404 if no token is set in production."""
    _admit()
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(REGISTRY)
    registry.register(_Now())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _admit() -> None:
    token = current_app.config["METRICS_TOKEN"]
    if not token:
        if current_app.config["TUZA_ENV"] == "development" and request.remote_addr in LOOPBACK:
            return
        abort(404)
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not same(given.strip(), token):
        abort(Response("The token is missing or wrong.\n", 401, {"WWW-Authenticate": 'Bearer realm="metrics"'}))

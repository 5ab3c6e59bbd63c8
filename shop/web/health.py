"""Liveness and readiness checks."""

from flask import Blueprint, Response, jsonify

from shop.db.readiness import check_readiness

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def health_alive() -> Response:
    """Return 200: the process is running."""
    return jsonify({"status": "ok"})


@blueprint.get("/readyz")
def health_ready() -> tuple[Response, int]:
    """Return 200 if the database is current and can be written to; else 503 with the reason."""
    problems = check_readiness(writes=True)
    if problems:
        return jsonify({"status": "unavailable", "problems": problems}), 503
    return jsonify({"status": "ok"}), 200

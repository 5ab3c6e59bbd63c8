"""Is the process up, and could it serve a shop?"""

from flask import Blueprint, Response, jsonify

from shop.db.readiness import check_readiness

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def health_alive() -> Response:
    """The process answers."""
    return jsonify({"status": "ok"})


@blueprint.get("/readyz")
def health_ready() -> tuple[Response, int]:
    """200 when the database answers and its migrations are current; 503 with the reason otherwise."""
    problems = check_readiness()
    if problems:
        return jsonify({"status": "unavailable", "problems": problems}), 503
    return jsonify({"status": "ok"}), 200

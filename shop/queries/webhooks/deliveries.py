"""Deliveries by endpoint, status, type and time; and statistics of endpoints."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import joinedload, selectinload

from shop.db.session import db
from shop.domain.webhooks import DeliveryStatus
from shop.models import WebhookDelivery, WebhookEndpoint


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Filters of deliveries."""

    endpoint_id: int | None = None
    status: str | None = None
    type: str | None = None
    since: datetime | None = None

    def conditions(self) -> list[Any]:
        """Return the conditions of a statement."""
        row = WebhookDelivery
        wanted = {row.endpoint_id: self.endpoint_id, row.status: self.status, row.type: self.type}
        found: list[Any] = [column == value for column, value in wanted.items() if value is not None]
        return found if self.since is None else [*found, row.created_at >= self.since]


def list_deliveries(wanted: DeliveryFilter, *, page: int, limit: int) -> tuple[Sequence[WebhookDelivery], int]:
    """Return a page of deliveries with their attempts, the newest first, and how many there are."""
    row, conditions = WebhookDelivery, wanted.conditions()
    total = db.session.scalars(select(func.count(row.id)).where(*conditions)).one()
    statement = select(row).where(*conditions).order_by(row.id.desc()).limit(limit).offset((page - 1) * limit)
    options = selectinload(row.attempts), joinedload(row.event)
    return db.session.scalars(statement.options(*options)).all(), total


@dataclass(frozen=True, slots=True)
class EndpointFigures:
    """Numbers of deliveries of the last 30 days."""

    waiting: int = 0
    delivered: int = 0
    failed: int = 0
    """Deliveries without another attempt."""
    tried: int = 0
    """Deliveries with an outcome, or at least one attempt."""

    @property
    def delivered_per_mille(self) -> int | None:
        """Delivered ones of those that were tried; None if none was."""
        return self.delivered * 1000 // self.tried if self.tried else None


def figures_of(endpoint_id: int) -> EndpointFigures:
    """Return the figures of an endpoint of the shop."""
    return _figures(WebhookDelivery.endpoint_id == endpoint_id).get(endpoint_id, EndpointFigures())


def figures_of_endpoints() -> dict[int, EndpointFigures]:
    """Return the figures of all endpoints of the shop that have deliveries, by id."""
    return _figures()


def _figures(*conditions: Any) -> dict[int, EndpointFigures]:
    row = WebhookDelivery
    counted = DeliveryStatus.WAITING, DeliveryStatus.DELIVERED, DeliveryStatus.FAILED
    by_status = [func.sum(case((row.status == status, 1), else_=0)) for status in counted]
    tried = func.sum(case(((row.status != DeliveryStatus.WAITING) | (row.tries > 0), 1), else_=0))
    statement = select(row.endpoint_id, *by_status, tried).where(*conditions).group_by(row.endpoint_id)
    return {found[0]: EndpointFigures(*map(int, found[1:])) for found in db.session.execute(statement)}


def list_failing_endpoints(limit: int) -> Sequence[WebhookEndpoint]:
    """Return endpoints that Tuza disabled, and enabled ones whose deliveries fail at present."""
    row = WebhookEndpoint
    is_failing = row.disabled_reason.is_not(None) | (row.enabled & row.failing_since.is_not(None))
    return db.session.scalars(select(row).where(is_failing).order_by(row.id.desc()).limit(limit)).all()

"""How long an order waits for its money."""

from datetime import datetime, timedelta

from shop.services.catalogue.shipping import WayToPay


def pay_by(method: WayToPay | None, total_cents: int, since: datetime) -> datetime | None:
    """When an order that is not paid by then ends; None when there is nothing to pay, or all the time in the world."""
    if method is None or method.time_limit_minutes is None or total_cents == 0:
        return None
    return since + timedelta(minutes=method.time_limit_minutes)

"""The deadline for paying an order."""

from datetime import datetime, timedelta

from shop.services.catalogue.payment_methods import PaymentOption


def pay_by(method: PaymentOption | None, total_cents: int, since: datetime) -> datetime | None:
    """Return when an unpaid order is cancelled; None if there is nothing to pay or the method has no time limit."""
    if method is None or method.time_limit_minutes is None or total_cents == 0:
        return None
    return since + timedelta(minutes=method.time_limit_minutes)

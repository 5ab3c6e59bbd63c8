"""The deadlines for paying an order, and for confirming one that is not paid."""

from datetime import datetime, timedelta

from shop.services.catalogue.payment_methods import PaymentOption


def pay_by(method: PaymentOption | None, total_cents: int, since: datetime) -> datetime | None:
    """Return when an unpaid order is cancelled; None if it costs nothing or the method has no time limit."""
    if method is None or method.time_limit_minutes is None or total_cents == 0:
        return None
    return since + timedelta(minutes=method.time_limit_minutes)


def confirm_by(method: PaymentOption | None, is_guest: bool, hours: int, since: datetime) -> datetime | None:
    """Return when an unpaid order is cancelled unless it is paid or confirmed; None if it has no such limit.

    Orders of guests, and those paid on delivery, hold stock that may never be paid for. 0 ``hours`` is no limit.
    """
    holds_stock = is_guest or (method is not None and method.code == "cod")
    return since + timedelta(hours=hours) if holds_stock and hours else None

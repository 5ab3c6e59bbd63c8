"""Sales of today, this week and this month, each compared with the period before."""

from dataclasses import dataclass
from datetime import timedelta

from shop.domain.dates.date_ranges import month_of
from shop.domain.dates.days import day_of, start_of
from shop.queries.ledger.totals import shop_zone
from shop.queries.reports.sales import Sales, sum_sales_between
from shop.services import clock


@dataclass(frozen=True, slots=True)
class Compared:
    """Sales of a period, and those up to the same time of the period before."""

    now: Sales
    then: Sales


@dataclass(frozen=True, slots=True)
class SalesNow:
    """Today against the same weekday last week, this week against last week, this month against last month."""

    today: Compared
    week: Compared
    month: Compared


def get_sales_now() -> SalesNow:
    """Return the sales up to now, compared with the same time of the period before."""
    zone, now = shop_zone(), clock.now()
    today = day_of(now, zone)
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    last_month = month_of(first - timedelta(days=1))
    same_day = min(last_month.first + (today - first), last_month.last)
    clock_time = now - start_of(today, zone)

    starts = [
        (today, today),
        (today - timedelta(days=7), today - timedelta(days=7)),
        (monday, today),
        (monday - timedelta(days=7), today - timedelta(days=7)),
        (first, today),
        (last_month.first, same_day),
    ]
    times = [(start_of(begin, zone), start_of(end, zone) + clock_time) for begin, end in starts]
    found = sum_sales_between(times)
    return SalesNow(Compared(*found[:2]), Compared(*found[2:4]), Compared(*found[4:]))

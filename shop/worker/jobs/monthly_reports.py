"""Mail the report of the last month to the owners of shops that want it."""

import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import all_tenants
from shop.domain.dates.date_ranges import month_of
from shop.domain.dates.days import day_of
from shop.models import MonthlyReport, ShopSetting
from shop.queries.reports.monthly import get_monthly_figures
from shop.services import clock
from shop.services.messaging.monthly_report import send_monthly_report
from shop.services.shops.settings import get_settings
from shop.worker.each_shop import for_each_shop
from shop.worker.registry import job


@job("monthly-reports", interval=3600)
def mail_monthly_reports(_config: Mapping[str, Any], stop: threading.Event) -> int:
    """Queue the mails of all shops that have not had the last month's; return how many shops got one."""
    with all_tenants():
        wanted = select(ShopSetting.shop_id).where(ShopSetting.key == "monthly_report", ShopSetting.value == "true")
        shop_ids = db.session.scalars(wanted.order_by(ShopSetting.shop_id)).all()
        db.session.rollback()
    return for_each_shop(shop_ids, _mail_last_month, stop)


def _mail_last_month() -> bool:
    today = day_of(clock.now(), get_settings().values["shop_timezone"])
    month = month_of(today.replace(day=1) - timedelta(days=1))
    name = f"{month.first:%Y-%m}"
    if db.session.scalars(select(MonthlyReport.id).where(MonthlyReport.month == name)).first() is not None:
        return False
    before = month_of(month.first - timedelta(days=1))
    return send_monthly_report(month.first, get_monthly_figures(month, before))

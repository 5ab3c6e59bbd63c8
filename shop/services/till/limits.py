"""The limits of the till for those who may not go above them."""

from sqlalchemy import func, select

from shop.db.session import db
from shop.domain.dates.days import day_of, start_of
from shop.domain.formats import format_price
from shop.domain.money import parse_money
from shop.models import Membership, TillSale
from shop.services import clock
from shop.services.actors import Actor
from shop.services.errors import NotAllowed
from shop.services.shops.settings import get_settings


def check_limits(amount_cents: int, actor: Actor) -> None:
    """Raise NotAllowed above a limit of the till. The membership stays locked against a second sale at once."""
    settings = get_settings()
    largest, daily = (
        parse_money(settings.values[key], settings.currency) for key in ("till_sale_limit", "till_daily_limit")
    )
    if actor.kind != "staff" or not (largest or daily):
        return
    statement = select(Membership).where(Membership.staff_user_id == actor.id).with_for_update()
    member = db.session.scalars(statement).first()
    if member is None or "till.unlimited" in member.permissions:
        return
    if largest and amount_cents > largest:
        raise NotAllowed(
            "This sale was not recorded. Sales above %(limit)s need a manager.",
            code="manager_needed",
            limit=format_price(largest, settings.currency),
        )
    if daily and _taken_today(actor, settings.values["shop_timezone"]) + amount_cents > daily:
        raise NotAllowed(
            "This sale was not recorded. You have reached your daily limit of %(limit)s. Ask a manager.",
            code="daily_limit_reached",
            limit=format_price(daily, settings.currency),
        )


def _taken_today(actor: Actor, zone: str) -> int:
    """Return a staff member's total today before the sale being recorded, in minor units."""
    today = (
        TillSale.created_at >= start_of(day_of(clock.now(), zone), zone),
        TillSale.staff_user_id == actor.id,
        TillSale.undone_at.is_(None),
        TillSale.order_id.is_not(None),
    )
    return db.session.scalars(select(func.coalesce(func.sum(TillSale.amount_cents), 0)).where(*today)).one()

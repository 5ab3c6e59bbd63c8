"""The balances of the shops' accounts with providers of messages."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import or_, select

from shop.db.session import db
from shop.db.tenant import all_tenants, in_shop
from shop.domain.money import ten_thousandths
from shop.models import MessageChannel, Shop
from shop.services import clock
from shop.services.errors import NotFound
from shop.services.messaging.accounts import MessageKeysLost, find_account, find_channel, save_balance
from shop.services.messaging.channels.base import AccountUnusable, DeliveryFailed
from shop.services.messaging.channels.phone_channel import PhoneChannel
from shop.services.messaging.channels.registry import list_channels
from shop.services.shops.settings import get_settings

REFRESHED_AFTER: Final = timedelta(hours=1)


def find_phone_channel(code: str) -> PhoneChannel:
    """Return a channel to phones. Raise NotFound for any other code."""
    channel = list_channels().get(code)
    if not isinstance(channel, PhoneChannel):
        raise NotFound("There is no such channel.", code="message_channel_not_found")
    return channel


def check_account(shop_id: int, code: str, config: Mapping[str, Any]) -> str | None:
    """Ask a provider whether it accepts a shop's account, and store its balance; return the error, None without one."""
    channel = find_phone_channel(code)
    try:
        account = find_account(shop_id, code, config["PAYMENT_KEYS"])
        db.session.rollback()  # hold no connection during the call
        if account is None:
            raise AccountUnusable("The shop has no account for this channel.")
        balance = channel.fetch_balance(account, config)
    except (DeliveryFailed, MessageKeysLost) as error:
        return str(error)
    if balance is not None:
        with in_shop(shop_id):
            save_balance(code, *balance)
    return None


def refresh_balances(config: Mapping[str, Any], is_stopped: Callable[[], bool] = lambda: False) -> int:
    """Refresh the balances of all shops that are older than an hour; return how many were asked for."""
    row = MessageChannel
    is_old = or_(row.balance_at.is_(None), row.balance_at < clock.now() - REFRESHED_AFTER)
    found = (
        select(row.shop_id, row.code).join(Shop, Shop.id == row.shop_id).where(row.code == "sms", is_old, ~Shop.sandbox)
    )
    with all_tenants():
        due = [(shop_id, code) for shop_id, code in db.session.execute(found.order_by(row.id))]
    db.session.rollback()
    for shop_id, code in due:
        if is_stopped():
            break
        check_account(shop_id, code, config)
    return len(due)


def is_balance_low() -> bool:
    """Return whether the session's shop's SMS balance is known and below the setting ``sms_low_balance``."""
    row = find_channel("sms")
    if row is None or row.balance_e4 is None:
        return False
    return row.balance_e4 < low_balance_e4()


def low_balance_e4() -> int:
    """Return the setting ``sms_low_balance`` in ten-thousandths."""
    return ten_thousandths(get_settings().values["sms_low_balance"])

"""What a signed-in shopper sees of her own points."""

from dataclasses import dataclass

from sqlalchemy import select

from shop.db.session import db
from shop.domain.points import LoyaltyRules, discount_for_points
from shop.models import LoyaltyRegistration
from shop.queries.loyalty.self_service import OwnEntry, history_of
from shop.services.loyalty.ledger import find_account
from shop.services.shoppers.sessions import Shopper
from shop.services.shops.settings import get_settings

NEWEST = 50


@dataclass(frozen=True, slots=True)
class ShopperPoints:
    """Points and what they are worth in cents, the rules, how her registration stands, and her newest entries."""

    rules: LoyaltyRules
    balance: int
    worth_cents: int
    lifetime_earned: int
    registration: LoyaltyRegistration | None
    entries: list[OwnEntry]


def get_shopper_points(shopper: Shopper) -> ShopperPoints:
    """What a shopper has. An account that is not proved has nothing."""
    rules = get_settings().rules
    if shopper.customer_id is None:
        return ShopperPoints(rules, 0, 0, 0, None, [])
    account = find_account(shopper.customer_id)
    balance, lifetime = (account.points_balance, account.lifetime_earned) if account else (0, 0)
    registration = db.session.scalars(
        select(LoyaltyRegistration).where(LoyaltyRegistration.customer_id == shopper.customer_id)
    ).first()
    entries = history_of(shopper.customer_id, limit=NEWEST).entries
    return ShopperPoints(rules, balance, discount_for_points(balance, rules), lifetime, registration, entries)

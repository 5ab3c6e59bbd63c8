"""A shopper's own points, read with a redemption token, which stays valid."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from shop.db.session import db
from shop.domain.codes import hash_secret
from shop.domain.loyalty.points import LoyaltyRules, discount_for_points
from shop.models import LoyaltyEntry, LoyaltyRegistration, Order, RedemptionToken
from shop.queries.ledger.customer import entries_of
from shop.services import clock
from shop.services.actors import Shopper
from shop.services.errors import NotSignedIn
from shop.services.loyalty.ledger import find_account
from shop.services.loyalty.registrations import find_registration
from shop.services.shops.settings import get_settings

NEWEST_ENTRIES = 50


class BadToken(NotSignedIn):
    """The redemption token is unknown, used, expired or of another shop; the error does not say which."""

    code = "invalid_redemption_token"


@dataclass(frozen=True, slots=True)
class OwnPoints:
    """The points of a token's holder, their worth in cents, all points ever earned, and when the token expires."""

    balance: int
    worth_cents: int
    lifetime_earned: int
    token_expires_at: datetime


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """A ledger entry as the customer sees it: the system's note, never the staff's."""

    number: int
    kind: str
    points: int
    balance_after: int
    order_number: str | None
    note: str
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class OwnHistory:
    """Entries, newest first; ``older`` is the number to continue from, None after the last page."""

    entries: list[OwnEntry]
    older: int | None


def get_own_points(token: str) -> OwnPoints:
    """Return the points of a token's holder. Raises BadToken."""
    customer_id, expires_at = _open(token)
    account = find_account(customer_id)
    balance, lifetime = (account.points_balance, account.lifetime_earned) if account else (0, 0)
    return OwnPoints(balance, discount_for_points(balance, get_settings().rules), lifetime, expires_at)


def list_own_entries(token: str, *, limit: int, before: int | None = None) -> OwnHistory:
    """Return the newest entries of a token's holder, or those before an entry's number. Raises BadToken."""
    return history_of(_open(token)[0], limit=limit, before=before)


def history_of(customer_id: int, *, limit: int, before: int | None = None) -> OwnHistory:
    """Return a customer's newest entries as the customer sees them, or those before an entry's number."""
    account = find_account(customer_id)
    if account is None:
        return OwnHistory([], None)
    entry = LoyaltyEntry
    statement = (
        select(
            entry.seq,
            entry.kind,
            entry.points,
            entry.balance_after,
            Order.order_number,
            entry.system_note,
            entry.created_at,
            entry.expires_at,
        )
        .select_from(entry)
        .outerjoin(Order, Order.id == entry.order_id)
        .where(*entries_of(account))
        .order_by(entry.seq.desc())
        .limit(limit + 1)
    )
    if before is not None:
        statement = statement.where(entry.seq < before)
    found = [OwnEntry(*row) for row in db.session.execute(statement)]
    return OwnHistory(found[:limit], found[limit - 1].number if len(found) > limit else None)


def _open(token: str) -> tuple[int, datetime]:
    """Return a token's customer and expiry without using the token. Raises BadToken."""
    statement = select(RedemptionToken.customer_id, RedemptionToken.expires_at).where(
        RedemptionToken.token_hash == hash_secret(token),
        RedemptionToken.customer_id.is_not(None),
        RedemptionToken.used_at.is_(None),
        RedemptionToken.expires_at > clock.now(),
    )
    row = db.session.execute(statement).first()
    if row is None or row.customer_id is None:
        raise BadToken("This sign-in is over. Ask for a new code.")
    return row.customer_id, row.expires_at


@dataclass(frozen=True, slots=True)
class ShopperPoints:
    """Points and their worth in cents, the rules, the registration, and the newest entries."""

    rules: LoyaltyRules
    balance: int
    worth_cents: int
    lifetime_earned: int
    registration: LoyaltyRegistration | None
    entries: list[OwnEntry]


def get_shopper_points(shopper: Shopper) -> ShopperPoints:
    """Return a shopper's points; none before the account is verified."""
    rules = get_settings().rules
    if shopper.customer_id is None:
        return ShopperPoints(rules, 0, 0, 0, None, [])
    account = find_account(shopper.customer_id)
    balance, lifetime = (account.points_balance, account.lifetime_earned) if account else (0, 0)
    registration = find_registration(shopper.customer_id)
    entries = history_of(shopper.customer_id, limit=NEWEST_ENTRIES).entries
    return ShopperPoints(rules, balance, discount_for_points(balance, rules), lifetime, registration, entries)

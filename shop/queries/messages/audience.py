"""The recipients of a bulk message, those left out with the reason, and the cost of its SMS."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from shop.db.session import db
from shop.domain.customers.privacy import MARKETING
from shop.domain.text.sms import SmsLength, measure
from shop.models import Customer
from shop.models.outbox import DEFAULT_CHANNEL
from shop.queries.customers.list import CustomerFilters, count_matching, query_customers
from shop.queries.customers.segments import consent_in_force
from shop.services.customers.message_routes import CARRIED
from shop.services.messaging.short_texts import preview_offer
from shop.services.messaging.spending import MonthlyLimit, get_segment_price_e4
from shop.services.shops.settings import get_settings

KIND = "customer_message"
NO_CONSENT, NO_ADDRESS = "no_consent", "no_address"


@dataclass(frozen=True, slots=True)
class Audience:
    """Customers by the channel that a message goes by, and those who are left out, by reason."""

    by_channel: Mapping[str, int]
    no_consent: int
    no_address: int

    @property
    def reached(self) -> int:
        """How many get the message."""
        return sum(self.by_channel.values())


@dataclass(frozen=True, slots=True)
class SmsCost:
    """The SMS of a message to many: the text as it arrives, its length, and the cost of all, in hundredths.

    ``left_cents`` is what is left of the month's limit, None without one.
    """

    text: str
    length: SmsLength
    recipients: int
    price_e4: int
    left_cents: int | None

    @property
    def segments(self) -> int:
        """The segments of all recipients."""
        return self.length.segments * self.recipients

    @property
    def cost_cents(self) -> int:
        """The expected cost, rounded up to a hundredth."""
        return -(-self.segments * self.price_e4 // 100)

    @property
    def is_above_limit(self) -> bool:
        """Whether the month's limit stops a part of it."""
        return self.left_cents is not None and self.cost_cents > self.left_cents


def count_audience(filters: CustomerFilters) -> Audience:
    """Return how many matching customers a marketing message reaches, each by the first channel that can."""
    channels = [code for code in get_settings().values["message_channels"].split(",") if _carries(code)]
    reached = {code: _has_address(code) for code in channels}
    routes = [(and_(has, consent_in_force(MARKETING[code])), code) for code, has in reached.items()]
    if not routes:
        return Audience({}, 0, count_matching(filters))
    outcome = case(*routes, (or_(*reached.values()), NO_CONSENT), else_=NO_ADDRESS)
    matching = query_customers(filters).matches.conditions
    outcomes = select(outcome.label("outcome")).select_from(Customer).where(*matching).subquery()
    counted = select(outcomes.c.outcome, func.count()).group_by(outcomes.c.outcome)
    found: dict[str, int] = dict(iter(db.session.execute(counted)))
    by_channel = {code: found[code] for code in channels if code in found}
    return Audience(by_channel, found.get(NO_CONSENT, 0), found.get(NO_ADDRESS, 0))


def estimate_cost(body: str, recipients: int, limit: MonthlyLimit | None) -> SmsCost:
    """Return what an offer costs by SMS under the month's limit.

    A name in the shop's own text counts as one of seven letters.
    """
    text = preview_offer(body)
    left = None if limit is None else max(0, limit.left_e4) // 100
    price = get_segment_price_e4() if limit is None else limit.segment_price_e4
    return SmsCost(text, measure(text), recipients, price, left)


def _carries(code: str) -> bool:
    return code == DEFAULT_CHANNEL or KIND in CARRIED[code]


def _has_address(code: str) -> ColumnElement[bool]:
    if code == DEFAULT_CHANNEL:
        return Customer.email.is_not(None)
    return and_(Customer.phone.is_not(None), Customer.phone_verified_at.is_not(None))

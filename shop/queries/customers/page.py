"""The data of a customer's page, each part on its own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from shop.db.session import db
from shop.domain.charts.step_chart import Curve
from shop.models import Address, Customer, CustomerNote, LoyaltyAccount, LoyaltyRegistration, Order
from shop.queries.customers.balance_chart import get_curve
from shop.queries.customers.timeline import Timeline, get_timeline
from shop.queries.ledger.customer import PER_PAGE, LedgerFilter, LedgerPage, PointsFigures, get_figures, list_ledger
from shop.queries.ledger.explanation import EntryExplanation, explain_entry
from shop.services.actors import Actor
from shop.services.customers.identity import is_held
from shop.services.customers.records import get_customer
from shop.services.loyalty.adjustments import Allowance, find_allowance
from shop.services.loyalty.ledger import find_account
from shop.services.shops.settings import get_settings

NEWEST_ORDERS = 5
NOTES = 50
"""Notes shown at most: pinned ones first, then the newest."""


@dataclass(frozen=True, slots=True)
class CustomerPageQuery:
    """The parts and pages of a customer's page that a request asks for.

    ``why`` is the number of an entry to explain, ``whole_curve`` the balance since the first day instead of the last 30
    days, ``before`` where the timeline continues.
    """

    ledger: LedgerFilter = field(default_factory=LedgerFilter)
    why: int | None = None
    whole_curve: bool = True
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class OrderInShort:
    """An order in a customer's list; money in cents."""

    id: int
    order_number: str
    order_date: datetime
    total_cents: int
    refunded_cents: int
    currency: str
    status: str
    payment_status: str


class CustomerPage:
    """A customer's page; each part is read when it is used.

    Raises NotFound if the customer does not exist. Belongs to one request.
    """

    def __init__(self, customer_id: int, asked: CustomerPageQuery) -> None:
        self.customer: Customer = get_customer(customer_id)
        self.asked = asked
        self._account: LoyaltyAccount | None = find_account(customer_id)

    @property
    def name(self) -> str:
        return self.customer.full_name

    @property
    def redemption_is_held(self) -> bool:
        """Whether redemption is on hold after a change of contact details."""
        return is_held(self.customer.redemption_held_until)

    def figures(self) -> PointsFigures:
        """Return the totals of their points."""
        return get_figures(self._account)

    def curve(self) -> Curve | None:
        """Return the chart of their balance; None for an account without entries."""
        return get_curve(self._account, whole=self.asked.whole_curve)

    def ledger(self) -> LedgerPage:
        """Return the requested ledger entries; without a page, those around the entry to explain."""
        wanted, why = self.asked.ledger, self.asked.why
        entries = self._account.entries_count if self._account is not None else 0
        if wanted == LedgerFilter() and why is not None and why <= entries - PER_PAGE:
            wanted = LedgerFilter(before=why + PER_PAGE // 2)
        return list_ledger(self._account, wanted)

    def proof(self) -> EntryExplanation | None:
        """Return the explanation of the requested entry; None without one. Raise NotFound."""
        return explain_entry(self._account, self.asked.why) if self.asked.why is not None else None

    def timeline(self) -> Timeline:
        """Return the timeline from the requested time backwards."""
        return get_timeline(self.customer, self._account, self.asked.before)

    def addresses(self) -> Sequence[Address]:
        statement = select(Address).where(Address.customer_id == self.customer.id).order_by(Address.id)
        return db.session.scalars(statement).all()

    def notes(self) -> Sequence[CustomerNote]:
        """Return the notes, pinned first, then the newest."""
        note = CustomerNote
        statement = select(note).where(note.customer_id == self.customer.id)
        return db.session.scalars(statement.order_by(note.pinned.desc(), note.id.desc()).limit(NOTES)).all()

    def orders(self) -> list[OrderInShort]:
        """Return the newest orders."""
        row = Order
        statement = (
            select(
                row.id,
                row.order_number,
                row.order_date,
                row.total_cents,
                row.refunded_cents,
                row.currency,
                row.status,
                row.payment_status,
            )
            .where(row.customer_id == self.customer.id)
            .order_by(row.id.desc())
        )
        return [OrderInShort(*found) for found in db.session.execute(statement.limit(NEWEST_ORDERS))]

    def orders_count(self) -> int:
        """Return the number of orders, including cancelled ones."""
        return db.session.scalars(select(func.count(Order.id)).where(Order.customer_id == self.customer.id)).one()

    def registration(self) -> str | None:
        """Return the status of their registration (``missing`` without one); None if the shop requires none."""
        if not get_settings().rules.optin_required:
            return None
        statement = select(LoyaltyRegistration.status).where(LoyaltyRegistration.customer_id == self.customer.id)
        return db.session.scalars(statement).first() or "missing"

    def allowance(self, actor: Actor) -> Allowance | None:
        """Return how many points a staff member may still adjust today; None without a limit."""
        return find_allowance(actor)


def look_at_customer(customer_id: int, asked: CustomerPageQuery | None = None) -> CustomerPage:
    """Return a customer's page. Raise NotFound."""
    return CustomerPage(customer_id, asked or CustomerPageQuery())

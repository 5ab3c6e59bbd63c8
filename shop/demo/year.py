"""The demo's year: orders, payments, refunds and adjustments made by the services while the clock is moved.

No balance is written directly: all points come from paid orders, redemptions and adjustments.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from shop.demo.people import DemoPerson, people
from shop.demo.products import ARTICLES
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.models import Product, ShippingMethod
from shop.services import clock
from shop.services.actors import SYSTEM, Actor
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.customers.addresses import add_address
from shop.services.customers.notes import add_note
from shop.services.customers.records import create_customer, find_customer
from shop.services.loyalty.adjustments import adjust_points
from shop.services.loyalty.ledger import find_balance
from shop.services.loyalty.redemption import RedemptionRequest, preview_redemption
from shop.services.loyalty.redemption_tokens import issue_token
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from shop.services.orders.placement import Checkout, place_order
from shop.services.orders.pricing.lines import PostalAddress
from shop.services.orders.recording import ExternalLine, ExternalOrder, record_order

NAIROBI = ZoneInfo("Africa/Nairobi")
DAYS = 365
CART_SIZES = (2, 3, 3, 4, 4, 5, 6, 7)
FATES = (
    *("mpesa",) * 56,
    *("cod",) * 19,
    *("till",) * 10,
    *("unpaid", "failed", "cancelled", "cancelled_paid", "refunded") * 3,
)
"""Outcomes of an order; listed twice, an outcome is twice as likely."""
UNDONE = {"failed", "cancelled", "cancelled_paid", "refunded"}
GOODWILL = (
    "The rider came late, with our apologies.",
    "Birthday.",
    "Brought a friend to the shop.",
    "Eggs were broken.",
)
MPESA_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclass(slots=True)
class Sale:
    """A planned order: its customer, time and outcome. ``order_id`` is set once it is placed."""

    person: DemoPerson
    moment: datetime
    fate: str
    is_first: bool
    order_id: int = 0


@dataclass(slots=True)
class Year:
    """The year's steps: planned at random, then executed in order of time. Steps in the future are left out."""

    chance: Random
    products: Sequence[Product]
    delivery: ShippingMethod
    manager: Actor
    till: Actor
    now: datetime
    steps: list[tuple[datetime, int, Callable[[], object]]] = field(default_factory=list)

    def live(self) -> None:
        """Plan and execute the year in the caller's transaction and shop."""
        for index, person in enumerate(people(self.chance)):
            self._plan_person(index, person)
        for moment, _, do in sorted(self.steps, key=lambda step: step[:2]):
            with clock.moved_to(moment):
                do()

    def _at(self, moment: datetime, do: Callable[[], object]) -> None:
        if moment < self.now:
            self.steps.append((moment, len(self.steps), do))

    def _opening_hour(self, days_ago: float) -> datetime:
        """Return a time that many days ago between 7:00 and 20:00 in Nairobi."""
        day = (self.now - timedelta(days=days_ago)).astimezone(NAIROBI).date()
        minutes = self.chance.randrange(7 * 60, 20 * 60)
        return datetime.combine(day, time(minutes // 60, minutes % 60, self.chance.randrange(60)), NAIROBI)

    def _plan_person(self, index: int, person: DemoPerson) -> None:
        joined = DAYS - index * DAYS / 66
        moment = self._opening_hour(joined)
        if not person.is_guest:
            self._at(moment, lambda: self._sign_up(person))
        for number in range(person.orders):
            ago = joined * (1 - (number + self.chance.random()) / person.orders) - 0.02
            placed = max(self._opening_hour(ago), moment) + timedelta(minutes=5)
            fate = "cod" if person.is_guest else self.chance.choice(FATES)
            self._plan_sale(Sale(person, placed, fate, is_first=number == 0))
        later = self._opening_hour(joined * self.chance.uniform(0, 0.5))
        if person.note and later > moment:
            self._at(later, lambda: add_note(self._id_of(person), person.note or "", self.manager))
        if person.orders > 5 and self.chance.random() < 0.6 and later > moment:
            points, why = self.chance.randrange(100, 600, 50), self.chance.choice(GOODWILL)
            self._at(later, lambda: adjust_points(self._id_of(person), points, why, self.manager))

    def _plan_sale(self, sale: Sale) -> None:
        placed = sale.moment
        if sale.fate == "till":
            self._at(placed, lambda: self._ring_up(sale))
            return
        self._at(placed, lambda: self._order(sale))
        paid = placed + timedelta(minutes=self.chance.randrange(1, 9))
        delivered = placed + timedelta(hours=self.chance.randrange(3, 30))
        later = delivered + timedelta(days=self.chance.randrange(1, 5))
        if sale.fate in {"mpesa", "cancelled_paid", "refunded"}:
            reference = "S" + "".join(self.chance.choices(MPESA_LETTERS, k=9))
            self._at(paid, lambda: set_payment_status(sale.order_id, PaymentStatus.PAID, SYSTEM, reference=reference))
        if sale.fate == "failed":
            self._at(paid, lambda: set_payment_status(sale.order_id, PaymentStatus.FAILED, SYSTEM))
        if sale.fate in {"mpesa", "cod", "refunded"}:
            if delivered >= self.now:  # the parcel is still on its way
                self._at(paid, lambda: set_order_status(sale.order_id, OrderStatus.PROCESSING, self.manager))
            self._at(delivered, lambda: set_order_status(sale.order_id, OrderStatus.COMPLETED, self.manager))
        if sale.fate == "cod":
            self._at(delivered, lambda: set_payment_status(sale.order_id, PaymentStatus.PAID, self.manager))
        if sale.fate == "refunded":
            refunded = PaymentStatus.REFUNDED
            self._at(later, lambda: set_payment_status(sale.order_id, refunded, self.manager, notify=False))
        if sale.fate in {"cancelled", "cancelled_paid", "failed"}:
            self._at(later, lambda: set_order_status(sale.order_id, OrderStatus.CANCELLED, self.manager))

    def _id_of(self, person: DemoPerson) -> int:
        customer = find_customer(email=person.email)
        assert customer is not None
        return customer.id

    def _sign_up(self, person: DemoPerson) -> None:
        customer = create_customer(
            person.email, first_name=person.first_name, last_name=person.last_name, phone=person.phone
        )
        self._move_in(customer.id, person)

    def _move_in(self, customer_id: int, person: DemoPerson) -> None:
        add_address(
            customer_id,
            type="shipping",
            address1=person.street,
            address2=person.estate,
            city="Nairobi",
            state="Nairobi",
            zip=person.postcode,
            country="Kenya",
        )

    def _basket(self) -> list[CartLine]:
        """Return a few different articles, with a variant where there are variants."""
        lines = []
        for index in sorted(self.chance.sample(range(len(ARTICLES)), self.chance.choice(CART_SIZES))):
            product = self.products[index]
            size = self.chance.choice(product.variants).id if product.variants else None
            lines.append(CartLine(product.id, self.chance.choice((1, 1, 1, 2, 2, 3)), size))
        return lines

    def _order(self, sale: Sale) -> None:
        person = sale.person
        lines = self._basket()
        coupon = "WELCOME10" if sale.is_first and self.chance.random() < 0.5 else None
        address = PostalAddress("shipping", person.name, person.street, "Nairobi", "Nairobi", person.postcode, "Kenya")
        placed = place_order(
            Checkout(
                email=person.email,
                lines=lines,
                first_name=person.first_name,
                last_name=person.last_name,
                phone=person.phone,
                addresses=(address,),
                shipping_method_id=self.delivery.id,
                payment_method="cod" if sale.fate == "cod" else "mpesa",
                coupon_code=coupon,
                notes="Please call from the gate." if self.chance.random() < 0.08 else None,
                redemption=self._wish(sale, lines, coupon),
            ),
            notify=False,
        )
        sale.order_id = placed.order.id
        if person.is_guest:
            self._move_in(self._id_of(person), person)

    def _wish(self, sale: Sale, lines: list[CartLine], coupon: str | None) -> RedemptionRequest | None:
        """Return a redemption of part of the points, in hundreds, for a quarter of the orders.

        Every order that will be undone redeems if it can, so that each demo has restored points.
        """
        person = sale.person
        spends = self.chance.random() <= 0.25 or sale.fate in UNDONE
        if person.is_guest or not spends:
            return None
        customer_id = self._id_of(person)
        possible = preview_redemption(lines, email=person.email, phone=None, coupon_code=coupon).possible
        points = min(possible.max_points, find_balance(customer_id) * 2 // 5) // 100 * 100
        return RedemptionRequest(issue_token(customer_id, 30), points) if points >= 500 else None

    def _ring_up(self, sale: Sale) -> None:
        """Record a sale at the till."""
        lines = [ExternalLine(line.quantity, line.product_id, line.variant_id) for line in self._basket()]
        recorded = ExternalOrder(
            lines=lines,
            email=sale.person.email,
            status=OrderStatus.COMPLETED,
            payment_status=PaymentStatus.PAID,
            payment_method="M-Pesa",
            payment_reference="S" + "".join(self.chance.choices(MPESA_LETTERS, k=9)),
            api_label="till 1",
        )
        sale.order_id = record_order(recorded, self.till).id

"""The set-up checklist on the overview: each step's label and page."""

from dataclasses import dataclass
from typing import Any, Final

from flask import current_app, url_for
from flask_babel import lazy_gettext

from shop.queries.dashboard.setup_steps import get_setup_steps
from shop.services.shops.settings import get_settings
from shop.services.staff.accounts import StaffMember


@dataclass(frozen=True, slots=True)
class SetupStep:
    """A step. Its button is shown to members with the permission, if its page exists."""

    key: str
    label: Any
    about: Any
    button: Any
    endpoint: str
    permission: str


@dataclass(frozen=True, slots=True)
class ListedStep:
    """A step for display; ``url`` is None if the member cannot do it."""

    step: SetupStep
    is_done: bool
    url: str | None


@dataclass(frozen=True, slots=True)
class Checklist:
    """The steps, and the first that is not done."""

    steps: list[ListedStep]

    @property
    def done(self) -> int:
        """The number of completed steps."""
        return sum(one.is_done for one in self.steps)

    @property
    def next(self) -> ListedStep:
        """The first step that is not done."""
        return next(one for one in self.steps if not one.is_done)


STEPS: Final = (
    SetupStep(
        "brand",
        lazy_gettext("Set your store’s logo, colour and e-mail"),
        lazy_gettext("Customers see them at checkout and in e-mails."),
        lazy_gettext("Store"),
        "staff.store_show",
        "store.set",
    ),
    SetupStep(
        "loyalty",
        lazy_gettext("Set the points rules"),
        lazy_gettext("What customers earn, and what points are worth."),
        lazy_gettext("Loyalty rules"),
        "staff.loyalty_settings_show",
        "loyalty.set",
    ),
    SetupStep(
        "products",
        lazy_gettext("Add your products"),
        lazy_gettext("With prices, pictures and stock."),
        lazy_gettext("Products"),
        "staff.product_list",
        "products.write",
    ),
    SetupStep(
        "payment",
        lazy_gettext("Choose how customers pay"),
        lazy_gettext("M-Pesa, cash or bank transfer."),
        lazy_gettext("Payment methods"),
        "staff.payment_list",
        "payments.manage",
    ),
    SetupStep(
        "delivery",
        lazy_gettext("Set delivery prices"),
        lazy_gettext("For riders, parcels and pick-up."),
        lazy_gettext("Delivery"),
        "staff.delivery_show",
        "store.set",
    ),
    SetupStep(
        "customers",
        lazy_gettext("Add your first customer"),
        lazy_gettext("By hand, or from a file with their points."),
        lazy_gettext("Add customer"),
        "staff.customer_new",
        "customers.add",
    ),
    SetupStep(
        "order",
        lazy_gettext("Place a test order"),
        lazy_gettext("See how points are earned. Cancel it afterwards."),
        lazy_gettext("New order"),
        "staff.order_new",
        "orders.create",
    ),
)


def find_checklist(member: StaffMember) -> Checklist | None:
    """Return the checklist for those who set up the shop; None for others, and once it is hidden or all is done."""
    if not member.may("store.set") or get_settings().values["setup_checklist"] == "false":
        return None
    done = get_setup_steps()
    if all(done):
        return None
    return Checklist([ListedStep(step, getattr(done, step.key), _url(step, member)) for step in STEPS])


def _url(step: SetupStep, member: StaffMember) -> str | None:
    is_open = step.endpoint in current_app.view_functions and member.may(step.permission)
    return url_for(step.endpoint) if is_open else None

"""The page on which staff enter or edit an order."""

from dataclasses import dataclass

from flask import Response, request

from shop.queries.customers.list import CustomerFilters, CustomerSummary, list_customers
from shop.queries.orders.articles import search_articles
from shop.services.catalogue.payment_methods import list_methods_by_hand, list_payment_methods
from shop.services.catalogue.shipping import quote_shipping
from shop.services.customers.records import Person
from shop.services.errors import Conflict, InvalidInput, NotFound
from shop.services.loyalty.ledger import find_balance
from shop.services.loyalty.redemption import Preview, preview_for
from shop.services.orders.manual.drafts import Draft
from shop.services.orders.manual.editing import OrderEdit, preview_edit
from shop.services.orders.manual.order import ManualOrder, find_person, quote_manual_order
from shop.services.orders.manual.sums import OrderSums
from shop.services.orders.pricing.quote import Quote
from shop.services.orders.repository import OrderRecord
from shop.staff.orders.entry.form import NUMBER, EntryForm
from shop.staff.orders.entry.reader import articles_of, read_order, stock_note
from shop.staff.session import signed_in
from shop.web.i18n import sentence_case
from shop.web.pages.formats import shop_settings
from shop.web.pages.forms import search_text
from shop.web.pages.htmx import render_page_or_fragment

FOUND = 6


@dataclass(frozen=True, slots=True)
class Priced:
    """The order of a form with its amounts, as far as it is valid."""

    order: ManualOrder
    quote: Quote | None = None
    possible: Preview | None = None
    """The points that the customer could redeem, if there is one; a one-time code unlocks them."""
    edit: OrderEdit | None = None

    @property
    def sums(self) -> OrderSums | None:
        """Return the amounts of the valid order."""
        if self.edit is not None:
            return self.edit.after
        return OrderSums.of_quote(self.quote) if self.quote else None


def may_price() -> bool:
    """Return whether the signed-in person may set prices of their own."""
    return signed_in().member.may("orders.price")


def chosen_customer(form: EntryForm) -> Person | None:
    """Return the form's customer; None without one, or if deleted."""
    if not NUMBER.fullmatch(form["customer_id"]):
        return None
    try:
        return find_person(int(form["customer_id"]))
    except NotFound:
        form.fields["customer_id"] = ""
        return None


def price_form(form: EntryForm, customer: Person | None) -> Priced:
    """Parse and price a form; errors are added to the form."""
    order = read_order(form, may_price=may_price())
    if not order.lines or any(line.error for line in form.lines):
        return Priced(order)
    try:
        quote = quote_manual_order(order, customer)
    except InvalidInput as refusal:
        form.put(refusal)
        return Priced(order)
    if quote.coupon_wrong:
        form.errors["coupon"] = sentence_case(quote.coupon_wrong)
    off = quote.discount_cents + quote.coupon_cents
    possible = preview_for(customer, quote.subtotal_cents, off, quote.settings.rules) if customer else None
    return Priced(order, quote, possible)


def price_edit(form: EntryForm, edited: OrderRecord) -> Priced:
    """Parse a form that edits an order, and preview its changes; errors are added to the form."""
    order = read_order(form, may_price=True, edited=edited)
    if not order.lines or form.is_wrong:
        return Priced(order)
    try:
        edit = preview_edit(edited.id, order, signed_in().member.actor)
    except (InvalidInput, Conflict) as refusal:
        form.put(refusal)
        return Priced(order)
    return Priced(order, edit.quote, None, edit)


def show_entry(
    form: EntryForm,
    priced: Priced,
    *,
    status: int = 200,
    draft: Draft | None = None,
    edited: OrderRecord | None = None,
) -> Response:
    """Return the page, or to htmx the form alone."""
    customer = edited.customer if edited else chosen_customer(form)
    settings = shop_settings()
    articles = articles_of(form)
    return render_page_or_fragment(
        "staff/orders/entry/new.html",
        "staff/orders/entry/_form.html",
        status=status,
        form=form,
        priced=priced,
        quote=priced.quote,
        draft=draft,
        order=edited,
        sums=priced.sums,
        customer=customer,
        balance=find_balance(customer.id) if customer else 0,
        found_customers=_found_customers(form, customer),
        found_articles=search_articles(search_text(form["find_article"])),
        articles=articles,
        notes=stock_note(form, articles, settings.currency),
        deliveries=quote_shipping(priced.quote.subtotal_cents if priced.quote else 0),
        methods=list_methods_by_hand() if form["pay"] == "now" else list_payment_methods(),
        may_price=may_price(),
        address=request.path,
    )


def _found_customers(form: EntryForm, customer: Person | None) -> list[CustomerSummary]:
    typed = search_text(form["find_customer"])
    if customer is not None or not typed:
        return []
    return list_customers(CustomerFilters(search=typed)).rows[:FOUND]

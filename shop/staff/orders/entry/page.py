"""What the page shows where staff enter or edit an order."""

from dataclasses import dataclass

from flask import Response, request

from shop.domain.permissions import allows
from shop.queries.customers.list import CustomerFilters, CustomerSummary, list_customers
from shop.queries.orders.articles import search_articles
from shop.services.catalogue.payment_methods import list_payment_methods
from shop.services.catalogue.shipping import quote_shipping
from shop.services.customers.records import Person
from shop.services.errors import InvalidInput, NotFound
from shop.services.loyalty.ledger import find_balance
from shop.services.loyalty.redemption import Preview, preview_for
from shop.services.orders.manual.drafts import Draft
from shop.services.orders.manual.order import ManualOrder, find_person, quote_manual_order
from shop.services.orders.quote import Quote
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
    """The order of a form with its sums, as far as it can be read."""

    order: ManualOrder
    quote: Quote | None
    possible: Preview | None
    """What the customer could redeem, if there is one; a one-time code unlocks it."""


def may_price() -> bool:
    """Return whether the signed-in person may set prices of their own."""
    return allows(signed_in().member.role, "orders.price")


def chosen_customer(form: EntryForm) -> Person | None:
    """Return the customer that the form names; None without one, and for one who is gone."""
    if not NUMBER.fullmatch(form["customer_id"]):
        return None
    try:
        return find_person(int(form["customer_id"]))
    except NotFound:
        form.fields["customer_id"] = ""
        return None


def price_form(form: EntryForm, customer: Person | None) -> Priced:
    """Read and price a form; what is wrong becomes errors of the form."""
    order = read_order(form, may_price=may_price())
    if not order.lines or any(line.error for line in form.lines):
        return Priced(order, None, None)
    try:
        quote = quote_manual_order(order, customer)
    except InvalidInput as refusal:
        form.put(refusal)
        return Priced(order, None, None)
    if quote.coupon_wrong:
        form.errors["coupon"] = sentence_case(quote.coupon_wrong)
    off = quote.discount_cents + quote.coupon_cents
    possible = preview_for(customer, quote.subtotal_cents, off, quote.settings.rules) if customer else None
    return Priced(order, quote, possible)


def show_entry(form: EntryForm, priced: Priced, *, status: int = 200, draft: Draft | None = None) -> Response:
    """Return the page, or the form alone to htmx."""
    customer = chosen_customer(form)
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
        order=None,
        customer=customer,
        balance=find_balance(customer.id) if customer else 0,
        found_customers=_found_customers(form, customer),
        found_articles=search_articles(search_text(form["find_article"])),
        articles=articles,
        notes=stock_note(form, articles, settings.currency),
        deliveries=quote_shipping(priced.quote.subtotal_cents if priced.quote else 0),
        methods=list_payment_methods(),
        may_price=may_price(),
        address=request.path,
    )


def _found_customers(form: EntryForm, customer: Person | None) -> list[CustomerSummary]:
    typed = search_text(form["find_customer"])
    if customer is not None or not typed:
        return []
    return list_customers(CustomerFilters(search=typed)).customers[:FOUND]

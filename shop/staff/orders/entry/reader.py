"""Parse the form of an order for the services, and execute its buttons."""

from collections.abc import Sequence
from dataclasses import replace

from flask import request
from flask_babel import gettext as _

from shop.domain.formats import format_price
from shop.queries.orders.articles import ListedArticle, find_by_code, get_articles
from shop.services.customers.message_routes import Addressee, require_route
from shop.services.customers.records import get_customer
from shop.services.errors import InvalidInput, NotFound, ShopError, TooOften
from shop.services.loyalty.otp import send_code, verify_code
from shop.services.orders.manual.order import ManualLine, ManualOrder
from shop.services.orders.pricing.lines import PostalAddress
from shop.services.orders.repository import ItemRecord, OrderRecord
from shop.staff.orders.entry.form import CUSTOMER_FIELDS, NUMBER, EntryForm, EntryLine, read_text
from shop.web.i18n import sentence_case
from shop.web.pages.forms import amount_wanted, read_cents
from shop.web.request_context import client_address, otp_config

BUTTONS = ("add", "more", "less", "remove", "own", "choose", "unchoose", "scanned", "send_code", "do", "live")
"""Names of what is pressed, and of a search while typing. What is in the field for codes is a scan then only with
``scan``, the button that Enter presses."""


def articles_of(form: EntryForm) -> dict[str, ListedArticle]:
    """Return the articles of the lines by key."""
    products = [found for line in form.lines if (found := line.id_of("p")) is not None]
    variants = [found for line in form.lines if (found := line.id_of("v")) is not None]
    return get_articles(products, variants) if products or variants else {}


def press_buttons(form: EntryForm) -> None:
    """Execute the pressed buttons, and add the article of a scanned code.

    Several are sent if one was pressed before the answer to another. All numbers are of the lines that were sent.
    """
    pressed = request.form
    is_scan = "scan" in pressed or not any(button in pressed for button in BUTTONS)
    scanned = [read_text(code) for code in pressed.getlist("scanned")]
    _scan(form, list(filter(None, [*scanned, form["find_article"] if is_scan else ""])))
    for key in pressed.getlist("add"):
        article = get_articles(*_ids(key)).get(key)
        if article is not None:
            form.add(article.key, article.name)
            form.fields["find_article"] = ""
    form.change(*(pressed.getlist(button) for button in ("more", "less", "remove")))
    form.lines += [EntryLine() for _press in pressed.getlist("own")]
    if "choose" in pressed:
        _choose(form, pressed["choose"])
    if "unchoose" in pressed:
        form.fields |= {"customer_id": "", "points": "", "token": "", "code": ""}


def _ids(key: str) -> tuple[list[int], list[int]]:
    line = EntryLine(key)
    product, variant = line.id_of("p"), line.id_of("v")
    return ([product] if product is not None else [], [variant] if variant is not None else [])


def _scan(form: EntryForm, codes: Sequence[str]) -> None:
    """Add the articles with these codes; one that no article has stays in the field."""
    unknown = ""
    for code in codes:
        article = find_by_code(code)
        if article is None:
            unknown = code
        else:
            form.add(article.key, article.name)
    if codes:
        form.fields["find_article"] = unknown


def _choose(form: EntryForm, customer_id: str) -> None:
    form.fields |= {"customer_id": customer_id, "find_customer": "", "points": "", "token": "", "code": ""}
    form.fields |= dict.fromkeys(CUSTOMER_FIELDS, "")
    fill_address(form)


def fill_address(form: EntryForm) -> None:
    """Fill in the selected customer's address if none was typed."""
    if not NUMBER.fullmatch(form["customer_id"]) or form["street"]:
        return
    try:
        addresses = get_customer(int(form["customer_id"])).addresses
    except NotFound:
        form.fields["customer_id"] = ""
        return
    for address in [*(one for one in addresses if one.type == "shipping"), *addresses][:1]:
        form.fields |= {"street": address.address1, "city": address.city, "country": address.country}


def use_code(form: EntryForm, customer: Addressee) -> None:
    """Send a code to the customer, or exchange the typed one for a token; failures become errors."""
    phone = None if customer.email else customer.phone
    whose = {"email": customer.email, "phone": phone, "address": client_address(), "config": otp_config()}
    try:
        if "send_code" in request.form:
            require_route("otp_code", customer)
            send_code(**whose)  # type: ignore[arg-type]
            form.fields |= {"code_sent": "1", "token": "", "code": ""}
        elif form["code"] and not form["token"]:
            form.fields["token"] = verify_code(form["code"], **whose).token or ""  # type: ignore[arg-type]
            if not form["token"]:
                form.errors["code"] = _("This code isn’t valid. Ask for a new one.")
    except TooOften as refused:
        form.errors["code"] = refused.message
    except ShopError as refused:
        form.errors["code"] = sentence_case(refused.errors[0].message if refused.errors else refused.message)


def read_order(form: EntryForm, *, may_price: bool, edited: OrderRecord | None = None) -> ManualOrder:
    """Return the order of a form; invalid fields become errors of the form.

    Without ``may_price`` its prices, discounts and fees are ignored; those of an edited order stay.
    """
    form.check_lengths()
    articles = articles_of(form)
    items = {item.id: item for item in edited.items} if edited else {}
    customer_id = int(form["customer_id"]) if NUMBER.fullmatch(form["customer_id"]) else None
    order = ManualOrder(
        lines=[_line(line, articles, items, may_price=may_price) for line in form.lines],
        customer_id=customer_id,
        new_customer={} if customer_id else {name: form[name] for name in CUSTOMER_FIELDS},
        address=_address(form),
        delivers=bool(form["shipping"]),
        keeps_delivery=form["shipping"] == "keep" and edited is not None,
        shipping_method_id=int(form["shipping"]) if NUMBER.fullmatch(form["shipping"]) else None,
        coupon_code=form["coupon"],
        points=form.number("points"),
        redemption_token=form["token"],
        payment_method=form["method"] or None,
        is_paid=form["pay"] == "now",
        payment_reference=form["reference"],
        note=form["note"],
        notify=bool(form["notify"]),
    )
    if not may_price:
        return order
    return replace(
        order,
        shipping_cents=form.cents("fee"),
        discount_cents=form.cents("discount") or 0,
        discount_reason=form["reason"],
    )


def _line(
    line: EntryLine, articles: dict[str, ListedArticle], items: dict[int, ItemRecord], *, may_price: bool
) -> ManualLine:
    item, article = items.get(line.id_of("i") or 0), articles.get(line.article)
    if not NUMBER.fullmatch(line.quantity):
        line.error = _("Enter a whole number")
    price = read_cents(line.price)
    if price is None and line.price:
        line.error = amount_wanted()
    usual = item.price_cents if item else article.price_cents if article else None
    if price == usual or (not may_price and usual is not None):
        price = None
    if item is None and article is None:
        return ManualLine(line.pieces, name=line.name, price_cents=price if may_price else None)
    if article is not None:
        return ManualLine(line.pieces, article.product_id, article.variant_id, price_cents=price)
    return ManualLine(line.pieces, price_cents=price, item=item)


def _address(form: EntryForm) -> PostalAddress | None:
    if not (form["street"] or form["city"]):
        return None
    name = " ".join(part for part in (form["first_name"], form["last_name"]) if part)
    return PostalAddress("shipping", name=name, street=form["street"], city=form["city"], country=form["country"])


def stock_note(form: EntryForm, articles: dict[str, ListedArticle], currency: str) -> list[tuple[str, str]]:
    """Return for each line its SKU with the stock, and its usual price if the line's differs."""
    notes = []
    for line in form.lines:
        article = articles.get(line.article)
        if article is None:
            notes.append(("", ""))
            continue
        left = _("%(count)s left", count=article.stock_quantity) if article.stock_quantity is not None else ""
        price = read_cents(line.price)
        differs = price is not None and price != article.price_cents
        usual = _("usually %(price)s", price=format_price(article.price_cents, currency)) if differs else ""
        notes.append((" · ".join(part for part in (article.sku, left) if part), usual))
    return notes


def refuse_unsellable(form: EntryForm) -> None:
    """Raise InvalidInput if the form has errors."""
    if form.is_wrong:
        raise InvalidInput(_("Nothing was saved yet. Fix the marked fields."))

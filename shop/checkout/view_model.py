"""The variables of the checkout's templates, made from the quote and the form."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from shop.checkout.countries import countries
from shop.checkout.form import Form
from shop.domain.customers.counties import COUNTIES
from shop.domain.loyalty.points import redemption_cap
from shop.domain.money import format_money, plain_decimal
from shop.services.errors import FieldError
from shop.services.orders.pricing.quote import Quote
from shop.services.payments.methods import checkout_texts
from shop.web.i18n import translate

FIELDS = {
    "customer.email": "email",
    "customer.first_name": "name",
    "customer.last_name": "name",
    "customer.phone": "phone",
    "shipping_address.address_1": "street",
    "shipping_address.city": "city",
    "shipping_address.state": "state",
    "shipping_address.postal_code": "postal_code",
    "shipping_method_id": "shipping",
    "payment_method": "payment",
    "loyalty_redemption.points": "points",
    "loyalty_redemption.token": "code",
}
"""The form's names of the fields of an order request."""
SHOWN = ("email", "name", "phone", "street", "city", "state", "postal_code", "notes", "shipping", "coupon_code",
         "points", "code", "payment")  # fmt: skip
"""Form fields that have a place for an error."""


def build_view_model(
    quote: Quote, form: Form, *, errors: Iterable[FieldError] = (), problem: str = "", note: str = ""
) -> dict[str, Any]:
    """Return the variables of the page's parts. ``problem`` and ``note`` are announced to screen readers.

    With ``errors`` the problem is how many fields are marked.
    """
    errors = list(errors)
    wrong = {FIELDS.get(error.field, error.field): error.message for error in reversed(errors)}
    if quote.coupon_wrong:
        wrong.setdefault("coupon_code", quote.coupon_wrong)
    if quote.email_wrong:
        wrong.setdefault("email", quote.email_wrong)
    if quote.points_wrong:
        wrong.setdefault("points", quote.points_wrong)
    if errors:
        problem = ngettext("Please fix one field.", "Please fix %(num)s fields.", len(wrong))
    return {
        "q": quote,
        "texts": checkout_texts(quote.payments),
        "f": form,
        "address": Markup("{}@<wbr>{}").format(*form.email.split("@", 1)) if "@" in form.email else form.email,
        "shop": quote.settings,
        "rules": quote.settings.rules,
        "errors": {name: sentence(name, words, form) for name, words in wrong.items()},
        "shown": SHOWN,
        "problem": problem,
        "note": note,
        "payment": payment_chosen(quote, form),
        "reason": reason_words(quote),
        "limit": limit_words(quote),
        "step": points_step(quote),
        "countries": countries(quote.settings.country, quote.served),
        "counties": COUNTIES if (form.country or quote.settings.country) == "KE" else (),
        "lead_time": lead_time,
        "earn_when": earn_when(quote.settings.rules.award_trigger),
    }


def sentence(field: str, words: str, form: Form) -> str:
    """Return a whole sentence for an error message such as ``must be an e-mail``; sentences stay as they are."""
    problem: str = translate(words)
    if words.endswith("."):
        return problem
    names = {
        "email": _("The e-mail"),
        "name": _("Your name"),
        "phone": _("The phone number"),
        "street": _("The street"),
        "city": _("The town"),
        "state": _("The county"),
        "postal_code": _("The postal code"),
        "shipping": _("The delivery"),
        "payment": _("The payment method"),
        "coupon_code": form.coupon_code.upper(),
    }
    return _("%(field)s %(problem)s.", field=names.get(field, _("It")), problem=problem)


def lead_time(method: Any) -> str:
    """Return ``1–2 days``, or ``The same day`` for 0."""
    least, most = method.lead_days_min or 0, method.lead_days_max
    if most == 0:
        return str(_("The same day"))
    if least in {0, most}:
        return str(ngettext("%(num)s day", "%(num)s days", most))
    return str(_("%(least)s–%(most)s days", least=least, most=most))


def payment_chosen(quote: Quote, form: Form) -> Any:
    """Return the payment method selected in the form, else the first; None if the shop has none."""
    chosen = (method for method in quote.payments if method.code == form.payment)
    return next(chosen, next(iter(quote.payments), None))


def reason_words(quote: Quote) -> str:
    """Return why no points can be redeemed, as the customer reads it."""
    rules, preview = quote.settings.rules, quote.preview
    money, points = quote.settings.currency, f"{preview.balance:,}"
    least = f"{rules.min_points_to_redeem:,}"
    match preview.possible.reason:
        case "unknown_customer":
            return _("This e-mail has no points yet.")
        case "not_registered":
            return _("You have %(points)s points. To use them, join the loyalty programme first.", points=points)
        case "redemption_held":
            return _(
                "You have %(points)s points. They are on hold because your contact details were changed.", points=points
            )
        case "below_minimum_total":
            from_total = f"{money} {format_money(rules.min_checkout_total_cents, money)}"
            return _(
                "You have %(points)s points. You can use them on orders of %(total)s or more.",
                points=points, total=from_total,
            )  # fmt: skip
        case "nothing_to_discount" if quote.coupon and not quote.coupon.coupon.combines_with_points:
            return _("Points cannot be used together with the coupon %(code)s.", code=quote.coupon.coupon.code)
        case "nothing_to_discount":
            return _("You have %(points)s points, but nothing in this order can be paid with points.", points=points)
        case "below_minimum_points" if preview.balance < rules.min_points_to_redeem:
            return _(
                "You have %(points)s points. You can use them once you have %(least)s.", points=points, least=least
            )
        case "below_minimum_points":
            return _(
                "You have %(points)s points, but this order is too small to use the minimum of %(least)s points.",
                points=points, least=least,
            )  # fmt: skip
    return ""


def limit_words(quote: Quote) -> str:
    """Return which rule limits the redeemable points below the balance."""
    rules, preview = quote.settings.rules, quote.preview
    if preview.possible.max_points >= preview.balance:
        return ""
    cap = redemption_cap(quote.subtotal_cents, quote.coupon_cents, rules)
    if quote.coupon_cents and cap == quote.subtotal_cents - quote.coupon_cents:
        left = f"{quote.settings.currency} {format_money(cap, quote.settings.currency)}"
        return _("After your coupon, points can pay for up to %(money)s.", money=left)
    return _("Points pay for up to %(percent)s %% of the goods.", percent=plain_decimal(rules.max_redeem_percent))


def points_step(quote: Quote) -> int:
    """Return the step of the plus and minus buttons: the points of about one unit of money, at least 1."""
    return max(1, int(quote.settings.rules.points_per_currency_discount))


def earn_when(trigger: str) -> str:
    """Return when an order earns its points."""
    return _("once it is delivered") if trigger == "order_completed" else _("once it is paid")

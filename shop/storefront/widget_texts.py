"""The texts of the points widget (``static/widget.js``), in the language of the shop or of the request."""

from flask import current_app
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from shop.schemas.shoppers.storefront import WidgetTexts, WidgetTextsResponse
from shop.services.shops.settings import get_settings
from shop.services.shops.shops import current_slug
from shop.storefront import blueprint
from shop.web.i18n import use_customer_language
from shop.web.json_api.endpoint import endpoint


@blueprint.get("/widget-texts")
@endpoint(WidgetTextsResponse, tag="Storefront settings", etag=True)
def storefront_widget_texts() -> WidgetTextsResponse:
    """Get the texts of the points widget

    In the language of `?lang=`, else in the browser's unless that is English, else in the shop's `customer_language`.
    """
    use_customer_language(get_settings().values["customer_language"])
    join_url = f"{current_app.config['PUBLIC_URL']}/me/{current_slug()}/join"
    return WidgetTextsResponse(data=WidgetTexts(language=str(get_locale()), texts=_texts(), join_url=join_url))


def _texts() -> dict[str, str | dict[str, str]]:
    return {**_panel(), **_sign_in(), **_account(), **_cart(), **_rules(), "entries": _entries(), "reasons": _reasons()}


def _panel() -> dict[str, str]:
    return {
        "button": _("Points"),
        "title": _("Your points"),
        "close": _("Close"),
        "point": ngettext("point", "points", 1),
        "points": ngettext("point", "points", 2),
        "wait": _("One moment …"),
        "offline": _("No connection to the shop. Check your internet and try again."),
        "broken": _("Something went wrong. Try again in a moment."),
        "later": _("Try again in %(clock)s."),
    }


def _sign_in() -> dict[str, str]:
    return {
        "intro": _("See what you have and what it is worth. We send a code to your e-mail; there is no password."),
        "who": _("E-mail or phone number"),
        "whoMissing": _("Enter your e-mail or phone number first."),
        "send": _("Send me a code"),
        "sent": _("If %(who)s has an account, we've sent a code. It works for %(minutes)s minutes."),
        "sentBefore": _("We sent you a code a moment ago. Enter that one."),
        "code": _("6-digit code"),
        "codeMissing": _("Enter the 6-digit code."),
        "verify": _("See my points"),
        "again": _("Send again"),
        "againIn": _("Send again in %(clock)s"),
        "sentAgain": _("We sent a new code. The old one no longer works."),
        "other": _("Use a different e-mail or phone"),
        "join": _("New here? Join and collect points"),
        "noMail": _("No code? Check your spam folder. If you haven't shopped here before, you have no points yet."),
        "askShop": _("Contact us: %(mail)s"),
    }


def _account() -> dict[str, str]:
    return {
        "worth": _("worth %(money)s off an order"),
        "earnedEver": _("%(n)s %(word)s earned so far"),
        "signOut": _("Sign out"),
        "signedOut": _("Signed out."),
        "over": _("Your session has ended. Ask for a new code."),
        "history": _("History"),
        "nothingYet": _("No points yet."),
        "more": _("Show more"),
        "left": _("%(n)s left"),
    }


def _cart() -> dict[str, str]:
    return {
        "cart": _("Your cart"),
        "earns": _("earns %(n)s %(word)s once it is paid"),
        "earnsNothing": _("earns no points"),
        "mayUse": _("use up to %(n)s %(word)s: %(money)s off"),
        "checkout": _("Go to checkout"),
        "toUse": _("Sign in to see how many points you can use."),
    }


def _rules() -> dict[str, str]:
    return {
        "ways": _("How it works"),
        "earnRate": _("%(n)s %(word)s for every %(money)s you spend"),
        "earnFrom": _("on orders of %(money)s or more"),
        "useRate": _("%(n)s %(word)s = %(money)s off an order"),
        "useShare": _("points can pay up to %(percent)s %% of your cart"),
        "useFrom": _("on carts of %(money)s or more"),
        "useLeast": _("at least %(n)s %(word)s at a time"),
    }


def _entries() -> dict[str, str]:
    return {
        "order_earned": _("Earned"),
        "order_redeemed": _("Used"),
        "redeem_reversed": _("Restored"),
        "earn_reversed": _("Reversed"),
        "manual": _("Changed by the shop"),
    }


def _reasons() -> dict[str, str]:
    return {
        "loyalty_disabled": _("Points can't be used at the moment."),
        "unknown_customer": _("You have no points to use yet."),
        "below_minimum_total": _("This cart is too small to use points."),
        "below_minimum_points": _("You don't have enough points to use on this cart."),
        "nothing_to_discount": _("Nothing in this cart can be paid with points."),
        "redemption_held": _("Your points are on hold because your contact details were changed."),
        "not_registered": _("Join the loyalty programme to use your points."),
    }

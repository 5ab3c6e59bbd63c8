"""Effects and changes of rules as sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from shop.domain.formats import group_digits
from shop.domain.loyalty.points import LoyaltyRules, redemption_cap
from shop.domain.money import plain_decimal
from shop.queries.loyalty.rules_preview import SAMPLE_BALANCE, SAMPLE_CART_CENTS, RecordedChange, RulesComparison
from shop.services.shops.settings import SettingChange
from shop.staff.loyalty_settings.fields import amount as amount_of
from shop.staff.loyalty_settings.fields import in_words, label_of
from shop.staff.loyalty_settings.form import RulesForm


@dataclass(frozen=True, slots=True)
class EffectWords:
    """Sentences about an effect: the limit on the sample cart, and notes before saving."""

    cart: str
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class ChangeWords:
    """A recorded change for display."""

    label: str
    old: str
    new: str
    who: str


def effect_words(effect: RulesComparison, draft: RulesForm) -> EffectWords:
    """Return sentences about an effect."""
    return EffectWords(_cart(effect, draft.rules, draft.today.currency), _notes(effect, draft))


def _cart(effect: RulesComparison, rules: LoyaltyRules, currency: str) -> str:
    cart = effect.proposed.cart
    most = amount_of(redemption_cap(SAMPLE_CART_CENTS, 0, rules), currency)
    if cart.reason == "loyalty_disabled":
        return str(_("Points are off."))
    if cart.reason == "below_minimum_total":
        least = amount_of(rules.min_checkout_total_cents, currency)
        return str(_("The cart is below the minimum of %(least)s.", least=least))
    if cart.reason == "below_minimum_points":
        return str(_("Fewer than the minimum of %(least)s.", least=group_digits(rules.min_points_to_redeem)))
    if cart.reason is not None:
        return str(_("This cart can’t be paid with points."))
    if cart.max_points == SAMPLE_BALANCE:
        return str(_("The whole balance: points could pay up to %(most)s here.", most=most))
    percent = plain_decimal(rules.max_redeem_percent)
    return str(_("Up to %(most)s: %(percent)s %% of the cart.", percent=percent, most=most))


def _notes(effect: RulesComparison, draft: RulesForm) -> list[str]:
    """Return notes to read before saving, most important first."""
    notes = []
    if draft.today.rules.enabled and not draft.rules.enabled:
        notes.append(str(_("Customers can’t earn or use points any more. Balances are kept.")))
    elif not draft.rules.enabled:
        notes.append(str(_("Points are off: customers can’t earn or use points.")))
    else:
        notes += _costs(effect, draft.today.currency)
    if effect.outstanding:
        notes.append(_revalued(effect, draft.today.currency))
    return notes


def _costs(effect: RulesComparison, currency: str) -> list[str]:
    more_cents = effect.proposed.cost_cents - effect.today.cost_cents
    orders = effect.proposed.orders - effect.today.orders
    notes = []
    if more_cents:
        amount = amount_of(abs(more_cents), currency)
        notes.append(
            str(_("Costs %(amount)s more in 90 days.", amount=amount))
            if more_cents > 0
            else str(_("Costs %(amount)s less in 90 days.", amount=amount))
        )
    if orders:
        shown = group_digits(abs(orders))
        notes.append(
            str(ngettext("%(shown)s more order would earn.", "%(shown)s more orders would earn.", orders, shown=shown))
            if orders > 0
            else str(
                ngettext(
                    "%(shown)s order would no longer earn.",
                    "%(shown)s orders would no longer earn.",
                    -orders,
                    shown=shown,
                )
            )
        )
    return [" ".join(notes)] if notes else []


def _revalued(effect: RulesComparison, currency: str) -> str:
    return str(
        _(
            "Customers’ %(points)s points would be worth %(then)s instead of %(now)s immediately.",
            points=group_digits(effect.outstanding or 0),
            then=amount_of(effect.outstanding_cents_proposed, currency),
            now=amount_of(effect.outstanding_cents_today, currency),
        )
    )


def change_words(change: RecordedChange, currency: str) -> ChangeWords:
    """Return a recorded change with the rule's label and both values."""
    by = _("API key %(name)s", name=change.by) if change.by_kind == "api_key" else change.by or _("Someone")
    return ChangeWords(
        label_of(change.key, currency),
        in_words(change.key, change.old, currency),
        in_words(change.key, change.new, currency),
        str(by),
    )


def saved_words(made: Sequence[SettingChange], currency: str) -> Markup:
    """Return how many changes were saved, and each of them."""
    if not made:
        return Markup("{}").format(_("No changes to save."))
    head = ngettext("%(num)d change saved", "%(num)d changes saved", len(made))
    lines = (
        Markup("<br>{}: {} → {}").format(
            label_of(change.key, currency),
            in_words(change.key, change.old, currency),
            in_words(change.key, change.new, currency),
        )
        for change in made
    )
    return Markup("<strong>{}</strong>{}").format(head, Markup("").join(lines))

"""Confirmation of rules that change the programme's cost by a large share."""

from flask import Response, url_for
from flask_babel import gettext as _

from shop.domain.formats import group_digits
from shop.queries.loyalty.rules_preview import RulesFigures, compare_rules
from shop.services.shops.second_person import is_large_change
from shop.staff.large_changes import Figure, ask_to_confirm
from shop.staff.loyalty_settings.fields import amount
from shop.staff.loyalty_settings.form import RulesForm


def confirm_rules(draft: RulesForm) -> Response | None:
    """Return the confirmation page with a backtest of 90 days under both rules; None if not needed or confirmed.

    A relative change of the cost above the limit needs it as well, whatever the rates.
    """
    today = draft.today
    limit = int(today.values["confirm_rules_percent"])
    effect = compare_rules(today.rules, draft.rules)
    is_large = is_large_change(today.values, {**today.values, **{key: draft.texts[key] for key in draft.changed}})
    if effect.today.points == effect.proposed.points == 0 and not effect.outstanding:
        return None  # nothing was earned and no points are held: there is no figure to show
    if not is_large and not 0 < limit < _difference_percent(effect.today, effect.proposed):
        return None
    figures: list[Figure] = [
        (
            _("Points given in the last 90 days"),
            group_digits(effect.today.points),
            group_digits(effect.proposed.points),
        ),
        (
            _("What they cost"),
            amount(effect.today.cost_cents, today.currency),
            amount(effect.proposed.cost_cents, today.currency),
        ),
        (_("Share of goods sold"), _share(effect.today), _share(effect.proposed)),
    ]
    if effect.outstanding is not None:
        figures.append(
            (
                _("Worth of the points that customers hold"),
                amount(effect.outstanding_cents_today, today.currency),
                amount(effect.outstanding_cents_proposed, today.currency),
            )
        )
    heading = _("These rules change what the loyalty programme costs by more than %(percent)s %%.", percent=limit)
    return ask_to_confirm(heading, figures, back=url_for("staff.loyalty_settings_show"))


def _difference_percent(old: RulesFigures, new: RulesFigures) -> int:
    return 100 * abs(new.cost_cents - old.cost_cents) // old.cost_cents if old.cost_cents else 0


def _share(outcome: RulesFigures) -> str:
    return f"{outcome.share / 10:.1f}\u00a0%"

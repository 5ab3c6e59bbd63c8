"""The form of the loyalty rules, compared with the rules in force."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from shop.domain.formats import capitalise
from shop.domain.loyalty.points import LoyaltyRules
from shop.domain.money import plain_decimal
from shop.domain.settings import SETTINGS, rules_from_settings
from shop.services.errors import FieldError
from shop.services.shops.settings import ShopSettings
from shop.staff.loyalty_settings.examples import example_of
from shop.staff.loyalty_settings.fields import FIELDS, in_words, label_of, shown_in_field
from shop.web.pages.forms import read_number

SHOWN = 60
"""The maximum length of an invalid value that its field shows."""


@dataclass(frozen=True, slots=True)
class RulesForm:
    """Submitted rules: the ``texts`` to store, and ``raw`` and ``errors`` of invalid values.

    ``seen`` are the rules that the form was rendered with. Unchanged fields take the rules in force ``today``, so that
    no one reverts another person's change.
    """

    today: ShopSettings
    texts: Mapping[str, str]
    seen: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def unchanged(cls, today: ShopSettings) -> Self:
        """Return the rules in force."""
        return cls(today, {key: today.values[key] for key in FIELDS})

    @classmethod
    def read(cls, today: ShopSettings, form: MultiDict[str, str], put_back: str | None = None) -> Self:
        """Parse a form; a rule that is missing, or in ``put_back``, stays as in force."""
        texts, seen, raw, errors = {}, {}, {}, {}
        for key in FIELDS:
            texts[key] = now = today.values[key]
            given = form.getlist(key)
            if not given or key == put_back:
                continue
            seen[key] = form.get(f"seen.{key}", now)
            try:  # a switch sends "false" and, if it is on, also "true"
                text = SETTINGS[key].clean_in(_typed(key, given[-1]), today.currency)
            except ValueError as wrong:
                raw[key], errors[key] = given[-1][:SHOWN], _sentence(str(wrong))
            else:
                texts[key] = now if text == seen[key] else text
        return cls(today, texts, seen, raw, errors)

    @property
    def changed(self) -> list[str]:
        """Rules that differ from those in force, in the page's order."""
        return [key for key in FIELDS if key in self.errors or self.texts[key] != self.today.values[key]]

    @property
    def rules(self) -> LoyaltyRules:
        """The typed rules of the form; invalid values are replaced by those in force."""
        return rules_from_settings({**self.today.values, **self.texts})

    def overtaken(self, today: ShopSettings, errors: tuple[FieldError, ...]) -> "RulesForm":
        """Return the form after another person changed some of these rules."""
        sentences = {}
        for error in errors:
            set_to = in_words(error.field, today.values[error.field], today.currency)
            sentences[error.field] = str(
                _(
                    "Someone else just changed this to %(set_to)s. Save again to keep your value, or undo.",
                    set_to=set_to,
                )
            )
        return RulesForm(today, self.texts, raw=self.raw, errors=sentences)  # the form now has the rules in force

    def controls(self) -> dict[str, "Control"]:
        """Return the fields of the form."""
        changed, rules = set(self.changed), self.rules
        return {key: self._control(key, rules, changed=key in changed) for key in FIELDS}

    def _control(self, key: str, rules: LoyaltyRules, *, changed: bool) -> "Control":
        now, currency = self.today.values[key], self.today.currency
        unread = key in self.raw
        return Control(
            label=label_of(key, currency),
            value=self.raw[key] if unread else shown_in_field(key, self.texts[key], currency),
            seen=self.seen.get(key, now),
            put_back=shown_in_field(key, now, currency),
            today=in_words(key, now, currency),
            changed=changed,
            error=self.errors.get(key),
            example=None if unread else example_of(key, rules, currency),
        )


@dataclass(frozen=True, slots=True)
class Control:
    """A field of the form.

    ``seen`` is the value in force when the form was opened; a preview keeps it, so that saving detects another person's
    change. ``today`` is the value in force now, as text.
    """

    label: str
    value: str
    seen: str
    put_back: str
    today: str
    changed: bool
    error: str | None
    example: str | None


def _sentence(words: str) -> str:
    """Return ``must be a number`` as ``Must be a number.``"""
    return f"{capitalise(words)}."


def _typed(key: str, text: str) -> str:
    """Return a number in the format of settings; other values unchanged. Raise ValueError for an invalid number."""
    return text if FIELDS[key].kind in ("switch", "choice") else plain_decimal(read_number(text))

"""Edits of the same record by two people: a form submits the values that it was opened with as ``seen``.

What only one of them changed is kept from both; a field that both changed has an error and is not saved.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, SelectFieldBase

SKIPPED = ("CSRFTokenField", "HiddenField")


class EditForm(FlaskForm):  # type: ignore[misc]
    """A form of a stored record; its page renders ``seen`` as a hidden field."""

    _seen = ""

    @property
    def seen(self) -> str:
        """The values that the form was opened with."""
        return self._seen or request.form.get("seen") or write_seen(self)

    def merges_with(self, current: FlaskForm) -> bool:
        """Take over what others changed meanwhile, as :func:`merge_changes`; return whether it can be saved."""
        if merge_changes(self, current):
            self._seen = write_seen(current)
            return False
        return True


def write_seen(values: Mapping[str, str] | FlaskForm) -> str:
    """Return the value of the hidden field ``seen``."""
    texts = read_form(values) if isinstance(values, FlaskForm) else values
    return json.dumps(dict(texts))


def read_seen() -> dict[str, str]:
    """Return the values that the submitted form was opened with; nothing if it does not say."""
    try:
        seen = json.loads(request.form.get("seen", ""))
    except (ValueError, RecursionError):
        return {}
    return {name: text for name, text in seen.items() if isinstance(text, str)} if isinstance(seen, dict) else {}


def is_changed(typed: str, seen: str | None) -> bool:
    """Return whether a submitted text differs from the one that the form was opened with."""
    return seen is None or typed.split() != seen.split()


def compare(typed: Mapping[str, str], now: Mapping[str, str], seen: Mapping[str, str]) -> tuple[set[str], set[str]]:
    """Return the names that only others changed, and those that others and this form changed, differently."""
    others = {name for name in typed if name in seen and name in now and seen[name] != now[name] != typed[name]}
    both = {name for name in others if is_changed(typed[name], seen[name])}
    return others - both, both


def merge_changes(form: FlaskForm, current: FlaskForm) -> bool:
    """Take over what others changed in fields left as they were; return whether the same field was changed twice.

    Such a field has an error that says so. ``current`` is the form of the stored record.
    """
    others, both = compare(read_form(form), read_form(current), read_seen())
    for name in others:
        form[name].data = _naive(current[name].data)
    for name in both:
        form[name].errors = [changed_meanwhile(_shown(form[name], current[name]))]
    return bool(both)


def changed_meanwhile(now: str) -> str:
    """Return the message at a field that someone else changed."""
    if not now or len(now) > 100:
        return _("Someone else just changed this. Save again to keep your value.")
    return _("Someone else just changed this to %(set_to)s. Save again to keep your value.", set_to=now)


def read_form(form: FlaskForm) -> dict[str, str]:
    """Return the values of a form as texts."""
    return {field.name: _text(field) for field in form if field.type not in SKIPPED}


def _text(field: Field) -> str:
    value: Any = _naive(field.data)
    if isinstance(value, list):
        return ", ".join(sorted(map(str, value)))
    return "" if value is None else str(value)


def _naive(value: Any) -> Any:
    """Return a time without its zone, as forms read it."""
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def _shown(field: Field, current: Field) -> str:
    """Return the stored value as people read it; "" for several choices, which have no short text."""
    if isinstance(current.data, list):
        return ""
    if isinstance(field, SelectFieldBase):
        labels = {choice.value: choice.label for choice in field.iter_choices()}
        return str(labels.get(current.data, ""))
    return _text(current)

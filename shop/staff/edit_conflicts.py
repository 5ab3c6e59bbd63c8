"""Edits of the same record by two people: a form submits the values that it was opened with as ``seen``."""

import json
from collections.abc import Mapping
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import Field


def write_seen(values: Mapping[str, str] | FlaskForm) -> str:
    """Return the value of the hidden field ``seen``."""
    texts = _texts(values) if isinstance(values, FlaskForm) else values
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


def merge_changes(form: FlaskForm, current: FlaskForm) -> bool:
    """Take over what others changed in fields left as they were; return whether the same field was changed twice.

    Such a field has an error that says so. ``current`` is the form of the stored record.
    """
    seen, now = read_seen(), _texts(current)
    both = False
    for name, typed in _texts(form).items():
        if name not in seen or name not in now or seen[name] == now[name] or typed == now[name]:
            continue
        if is_changed(typed, seen[name]):
            form[name].errors = [changed_meanwhile(now[name])]
            both = True
        else:
            form[name].data = current[name].data
    return both


def changed_meanwhile(now: str) -> str:
    """Return the message at a field that someone else changed."""
    if not now or len(now) > 100:
        return _("Someone else just changed this. Save again to keep your value.")
    return _("Someone else just changed this to %(set_to)s. Save again to keep your value.", set_to=now)


def _texts(form: FlaskForm) -> dict[str, str]:
    return {field.name: _text(field) for field in form if field.name != "csrf_token"}


def _text(field: Field) -> str:
    value: Any = field.data
    return "" if value is None else str(value)

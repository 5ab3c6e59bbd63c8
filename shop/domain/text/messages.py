"""Messages for people that can be translated after they were created."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Self


class Translatable(str):
    """An English message that keeps its template and parameters.

    It is an ordinary string wherever English is wanted. The web layer passes ``gettext`` to :meth:`translated`.
    ``str()`` returns the message itself, so it survives ``str(ValueError(message))``.
    """

    template: str
    params: Mapping[str, Any]

    def __new__(cls, template: str, /, **params: Any) -> Self:
        """Fill a template such as ``must have at least %(count)s characters``. Without params it is used as it is."""
        message = super().__new__(cls, template % params if params else template)
        message.template = template
        message.params = params
        return message

    def __str__(self) -> str:
        return self

    def translated(self, gettext: Callable[[str], str]) -> str:
        """Return the sentence in the language of ``gettext``; messages among the parameters are translated too."""
        if not self.template:
            return ""  # gettext("") is the catalogue's header
        template = gettext(self.template)
        if not self.params:
            return template
        return template % {name: translate(value, gettext) for name, value in self.params.items()}


def translate(value: Any, gettext: Callable[[str], str]) -> Any:
    """Return a message in the language of ``gettext``, and any other value as it is."""
    return value.translated(gettext) if isinstance(value, Translatable) else value


def dumps(message: str) -> str:
    """Return a message as text to store: its template, as JSON with the parameters if it has any."""
    if not isinstance(message, Translatable) or not message.params:
        return str(message)
    return json.dumps(_packed(message))


def _packed(message: Translatable) -> dict[str, Any]:
    params = {
        name: _packed(value) if isinstance(value, Translatable) else str(value)
        for name, value in message.params.items()
    }
    return {"template": message.template, "params": params}


def loads(text: str) -> Translatable:
    """Return a message stored by :func:`dumps`."""
    if not text.startswith('{"template": '):
        return Translatable(text)
    return _unpacked(json.loads(text))


def _unpacked(stored: dict[str, Any]) -> Translatable:
    params = {name: _unpacked(value) if isinstance(value, dict) else value for name, value in stored["params"].items()}
    return Translatable(stored["template"], **params)


def N_(template: str) -> str:
    """Return the text; marks it for the message catalogues, for text that is translated later."""
    return template

"""Errors of services: a stable code, and a message template with parameters.

The template is a literal and the first argument, so that translation tools find it. The web layer maps the class to a
status and translates the message.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shop.domain.text.messages import Translatable


@dataclass(frozen=True, slots=True)
class FieldError:
    """An error of one field, named as the caller wrote it: ``items[0].quantity``."""

    field: str
    message: str
    """A sentence without subject and full stop: ``must be at least 1``. A ``Translatable`` if it has parameters."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", _message(self.message))


class ShopError(Exception):
    """A use case was refused and rolled back.

    ``message`` is a template such as ``Only %(count)s left.`` with ``params``, or a ``Translatable``.
    """

    code = "refused"
    merged_into: int | None = None
    """The id of the customer that the one of the request was merged into."""

    def __init__(
        self, message: str, /, *, code: str | None = None, errors: Sequence[FieldError] = (), **params: Any
    ) -> None:
        self.message = _message(message, **params)
        super().__init__(self.message)
        self.code = code or self.code
        self.errors = tuple(errors)

    @property
    def message_template(self) -> str:
        """The English message with ``%(name)s`` for each parameter."""
        return self.message.template

    @property
    def params(self) -> Mapping[str, Any]:
        """The parameters of the message."""
        return self.message.params


def _message(text: str, **params: Any) -> Translatable:
    return text if isinstance(text, Translatable) else Translatable(text, **params)


class InvalidInput(ShopError):
    """An invalid value; ``errors`` names the fields."""

    code = "invalid_request"

    @classmethod
    def of(cls, field: str, message: str, /, *, code: str | None = None, **params: Any) -> "InvalidInput":
        """Return the error of one field. Its message is ``field message.``"""
        error = FieldError(field, _message(message, **params))
        return cls(
            Translatable("%(field)s %(problem)s.", field=field, problem=error.message), code=code, errors=[error]
        )

    @classmethod
    def of_errors(cls, errors: Sequence[FieldError]) -> "InvalidInput":
        """Return the error of several fields. Its message names the first one and how many more there are."""
        first, more = errors[0], len(errors) - 1
        if not first.field:
            message = Translatable("%(problem)s.", problem=first.message)
        elif more:
            message = Translatable(
                "%(field)s %(problem)s. (%(more)s more)", field=first.field, problem=first.message, more=more
            )
        else:
            message = Translatable("%(field)s %(problem)s.", field=first.field, problem=first.message)
        return cls(message, errors=errors)


class NotFound(ShopError):
    """There is no such record in this shop."""

    code = "not_found"


class Conflict(ShopError):
    """The request conflicts with the current state."""

    code = "conflict"


class NotAllowed(ShopError):
    """The caller is authenticated, but not allowed to do this."""

    code = "forbidden"


class NotSignedIn(ShopError):
    """The caller is not authenticated."""

    code = "unauthorized"


class TooOften(ShopError):
    """A rate limit is exceeded; ``retry_after`` is in whole seconds."""

    code = "rate_limited"

    def __init__(self, message: str, /, *, retry_after: int, **params: Any) -> None:
        super().__init__(message, **params)
        self.retry_after = max(1, retry_after)


class Unavailable(ShopError):
    """A system that the request needs cannot be reached; the same request may succeed later."""

    code = "unavailable"


class IdempotencyMismatch(ShopError):
    """The Idempotency-Key was used with another request."""

    code = "idempotency_key_reused"


class StillRunning(Conflict):
    """The first request with this Idempotency-Key has not finished yet."""

    code = "request_in_progress"

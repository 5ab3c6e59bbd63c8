"""What services raise: a stable code, and a sentence that may be shown as it is."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field, named as the caller wrote it: ``items[0].quantity``."""

    field: str
    message: str


class ShopError(Exception):
    """A refusal. Everything the use case had done is rolled back."""

    code = "refused"

    def __init__(self, message: str, *, code: str | None = None, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.errors = tuple(errors)


class InvalidInput(ShopError):
    """A value that cannot be taken; ``errors`` names the fields."""

    code = "invalid_request"

    @classmethod
    def of(cls, field: str, message: str, *, code: str | None = None) -> "InvalidInput":
        """The refusal of one field; its message reads ``field message.``"""
        return cls(f"{field} {message}.", code=code, errors=[FieldError(field, message)])


class NotFound(ShopError):
    """No such thing in this shop."""

    code = "not_found"


class Conflict(ShopError):
    """It clashes with what is there already."""

    code = "conflict"


class NotAllowed(ShopError):
    """The caller is known, but may not do this."""

    code = "forbidden"


class NotSignedIn(ShopError):
    """The caller did not prove who it is."""

    code = "unauthorized"


class TooOften(ShopError):
    """Asked too often; ``retry_after`` is in how many whole seconds it may be tried again."""

    code = "rate_limited"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = max(1, retry_after)


class Unavailable(ShopError):
    """Something that this house needs is away; the same request may succeed in a little while."""

    code = "unavailable"


class IdempotencyMismatch(ShopError):
    """The same Idempotency-Key with another request."""

    code = "idempotency_key_reused"


class StillRunning(Conflict):
    """The first request with this Idempotency-Key has not been answered yet."""

    code = "request_in_progress"

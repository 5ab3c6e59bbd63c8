"""Payment methods as owners view and edit them."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PaymentMethodSettings:
    """A configured payment method; ``facts`` are the public part of its credentials, None without any."""

    code: str
    name: str
    enabled: bool = False
    position: int = 0
    time_limit_minutes: int | None = None
    config: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] | None = None

    @property
    def sends_to(self) -> tuple[str, str]:
        """Whether customers who pay by hand send to a ``till_number`` or ``paybill``, and its number."""
        for kind in ("till_number", "paybill"):
            if self.config.get(kind):
                return kind, self.config[kind]
        return "till_number", ""


@dataclass(frozen=True, slots=True, repr=False)
class PaymentMethodInput:
    """A submitted payment method, all texts; ``fields`` are those of its provider."""

    enabled: bool
    name: str
    position: str = "0"
    minutes: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return one of ``fields`` without surrounding spaces; empty if missing."""
        return self.fields.get(name, "").strip()

"""Settings on the wire (``docs/contract/api.md``, section 3)."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field

from shop.schemas.envelope import Envelope
from shop.schemas.types import In, Out


class SettingValue(In):
    """The value a setting shall have: a text, or a boolean or number as such."""

    value: Annotated[
        Any,
        Field(
            examples=["true"],
            json_schema_extra={"anyOf": [{"type": "string"}, {"type": "boolean"}, {"type": "number"}]},
        ),
    ]


class SettingOut(Out):
    """A setting and its value as text."""

    key: Annotated[str, Field(examples=["loyalty_points_enabled"])]
    value: Annotated[str, Field(examples=["true"])]


class SettingListData(Out):
    """All settings: the shop's own over the defaults."""

    settings: list[SettingOut]


class SettingListAnswer(Envelope):
    """All settings: the shop's own over the defaults."""

    data: SettingListData

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Self:
        """The answer for a shop's settings."""
        return cls(data=SettingListData(settings=[SettingOut(key=key, value=value) for key, value in values.items()]))


class SettingData(Out):
    """A setting."""

    setting: SettingOut


class SettingAnswer(Envelope):
    """A setting."""

    data: SettingData

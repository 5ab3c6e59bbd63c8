"""Settings (``docs/contract/api.md``, section 3)."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field

from shop.schemas.envelope import Envelope
from shop.schemas.types import RequestModel, ResponseModel


class SettingValue(RequestModel):
    """A setting's new value: text, boolean or number."""

    value: Annotated[
        Any,
        Field(
            examples=["true"],
            json_schema_extra={"anyOf": [{"type": "string"}, {"type": "boolean"}, {"type": "number"}]},
        ),
    ]


class SettingOut(ResponseModel):
    """A setting and its value as text."""

    key: Annotated[str, Field(examples=["loyalty_points_enabled"])]
    value: Annotated[str, Field(examples=["true"])]


class SettingListData(ResponseModel):
    """All settings: the shop's values, else the defaults."""

    settings: list[SettingOut]


class SettingListResponse(Envelope):
    """All settings: the shop's values, else the defaults."""

    data: SettingListData

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Self:
        """Return the response for a shop's settings."""
        return cls(data=SettingListData(settings=[SettingOut(key=key, value=value) for key, value in values.items()]))


class SettingData(ResponseModel):
    """A setting."""

    setting: SettingOut


class SettingResponse(Envelope):
    """A setting."""

    data: SettingData

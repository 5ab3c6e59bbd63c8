"""API keys (``docs/contract/api.md``, section 7)."""

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import Field

from shop.models import ApiKey
from shop.schemas.envelope import Envelope
from shop.schemas.times import MomentIn
from shop.schemas.types import Moment, RequestModel, ResponseModel, ShortText
from shop.services.staff.api_keys import DEFAULT_RATE, MAX_RATE, NewApiKey

Rate = Annotated[int, Field(strict=True, ge=1, le=MAX_RATE, examples=[DEFAULT_RATE])]
Name = Annotated[ShortText, Field(min_length=1, examples=["Online store"])]
Expiry = Annotated[MomentIn | None, Field(description="Null: never.", examples=[None])]


class KeyPermissions(ResponseModel):
    """The permissions of a key."""

    read: Annotated[bool, Field(examples=[True])]
    write: Annotated[bool, Field(examples=[True])]


class KeyPermissionsIn(RequestModel):
    """The permissions of a key."""

    read: Annotated[bool, Field(strict=True, examples=[True])] = True
    write: Annotated[bool, Field(strict=True, examples=[True])] = True


class NewKey(RequestModel):
    """A key to create. Without `expires_at` it is valid for 365 days."""

    name: Name
    permissions_json: KeyPermissionsIn = KeyPermissionsIn()
    rate_limit_per_minute: Rate = DEFAULT_RATE
    expires_at: Expiry = None


class KeyChange(RequestModel):
    """Fields of a key to change; those that are absent stay."""

    name: Name | None = None
    permissions_json: KeyPermissionsIn | None = None
    rate_limit_per_minute: Rate | None = None
    expires_at: Expiry = None


class ApiKeyOut(ResponseModel):
    """An API key. `consumer_secret` is null but in the answer that creates or replaces it."""

    id: Annotated[int, Field(examples=[3])]
    user_id: Annotated[int | None, Field(description="Who created it.", examples=[1])]
    key: Annotated[str, Field(description="The same as `consumer_key`.", examples=["ck_3f9a0c6d5e7b4a1f"])]
    consumer_key: Annotated[str, Field(examples=["ck_3f9a0c6d5e7b4a1f"])]
    consumer_secret: Annotated[str | None, Field(examples=[None])]
    name: Annotated[str, Field(examples=["Online store"])]
    permissions_json: KeyPermissions
    rate_limit_per_minute: Annotated[int, Field(examples=[DEFAULT_RATE])]
    expires_at: Moment | None
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, key: ApiKey, secret: str | None = None) -> Self:
        """Return a key, with its secret if it was just made."""
        same = ("id", "consumer_key", "name", "rate_limit_per_minute", "expires_at", "created_at", "updated_at")
        return cls(
            user_id=key.created_by_id,
            key=key.consumer_key,
            consumer_secret=secret,
            permissions_json=KeyPermissions(read=key.may_read, write=key.may_write),
            **{name: getattr(key, name) for name in same},
        )


class ApiKeyData(ResponseModel):
    """An API key."""

    api_key: ApiKeyOut


class ApiKeyResponse(Envelope):
    """An API key."""

    data: ApiKeyData

    @classmethod
    def of(cls, key: ApiKey, made: NewApiKey | None = None) -> Self:
        """Return the response for a key, with the secret of a new one."""
        return cls(data=ApiKeyData(api_key=ApiKeyOut.of(key, made.consumer_secret if made else None)))


class ApiKeyListData(ResponseModel):
    """API keys, newest first."""

    api_keys: list[ApiKeyOut]


class ApiKeyListResponse(Envelope):
    """API keys."""

    data: ApiKeyListData

    @classmethod
    def of(cls, keys: Sequence[ApiKey]) -> Self:
        """Return the response for a list of keys."""
        return cls(data=ApiKeyListData(api_keys=[ApiKeyOut.of(key) for key in keys]))

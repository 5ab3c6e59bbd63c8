"""Shoppers' accounts (``docs/contract/api.md``, section 6)."""

from typing import Annotated, Self

from pydantic import Field

from shop.schemas.envelope import Envelope
from shop.schemas.types import EmailIn, Moment, PhoneIn, RequestModel, ResponseModel, Text
from shop.services.shoppers.accounts import Account

Password = Annotated[str, Field(strict=True, min_length=1, max_length=200, examples=["maziwa-na-chai"])]


class NewAccount(RequestModel):
    """An account to create. The password needs six characters and must not be one of the most common."""

    email: EmailIn
    password: Password
    first_name: Annotated[Text | None, Field(examples=["Jane"])] = None
    last_name: Annotated[Text | None, Field(examples=["Doe"])] = None
    phone: PhoneIn | None = None


class SignIn(RequestModel):
    """E-mail and password."""

    email: EmailIn
    password: Password


class ForgottenPassword(RequestModel):
    """The account whose password was forgotten."""

    email: EmailIn


class NewPassword(RequestModel):
    """A new password, and the token of the mailed link."""

    token: Annotated[str, Field(strict=True, min_length=1, max_length=200, examples=["5f1c2a9b7d3e4f60"])]
    password: Password


class AccountOut(ResponseModel):
    """The signed-in shopper. ``id`` is null while ``email_verified`` is false."""

    id: Annotated[int | None, Field(examples=[42])]
    email: Annotated[str, Field(examples=["customer@example.com"])]
    first_name: Annotated[str, Field(examples=["Jane"])]
    last_name: Annotated[str, Field(examples=["Doe"])]
    phone: Annotated[str | None, Field(examples=["+254712345678"])]
    email_verified: bool
    created_at: Moment

    @classmethod
    def of(cls, account: Account) -> Self:
        """Return an account as its owner sees it."""
        return cls(
            id=account.id,
            email=account.email,
            first_name=account.first_name,
            last_name=account.last_name,
            phone=account.phone,
            email_verified=account.proved,
            created_at=account.created_at,
        )


class AccountData(ResponseModel):
    """The signed-in shopper."""

    customer: AccountOut


class AccountResponse(Envelope):
    """The signed-in shopper."""

    data: AccountData


class MaybeAccountData(ResponseModel):
    """The signed-in shopper, or null for a guest."""

    customer: AccountOut | None


class MaybeAccountResponse(Envelope):
    """The signed-in shopper, or null for a guest."""

    data: MaybeAccountData

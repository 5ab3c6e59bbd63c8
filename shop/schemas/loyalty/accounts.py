"""Points in the admin API (``docs/contract/api.md``, sections 2 and 4)."""

from typing import Annotated, Any, Self

from pydantic import Field

from shop.models import LoyaltyAccount, LoyaltyEntry, LoyaltyRegistration
from shop.queries.loyalty.reports import Standing, Stats
from shop.schemas.envelope import Envelope
from shop.schemas.loyalty.entries import EntryOut, entry_fields
from shop.schemas.loyalty.rules import RulesOut
from shop.schemas.orders.parts import OrderCustomer
from shop.schemas.types import (
    Count,
    Id,
    Moment,
    OffsetQuery,
    Points,
    RequestModel,
    ResponseModel,
    SearchText,
)


class StandingData(ResponseModel):
    """A customer's points and newest entries, at most 50, newest first."""

    points_balance: Points
    lifetime_earned: Annotated[Points, Field(examples=[500])]
    ledger: list[EntryOut]


class StandingResponse(Envelope):
    """A customer's points."""

    data: StandingData

    @classmethod
    def of(cls, standing: Standing) -> Self:
        """Return the response for a customer's points."""
        data = {
            "points_balance": standing.points_balance,
            "lifetime_earned": standing.lifetime_earned,
            "ledger": [entry_fields(entry) for entry in standing.entries],
        }
        return cls.model_validate({"data": data})


class RulesData(ResponseModel):
    """The programme's rules."""

    config: RulesOut


class RulesResponse(Envelope):
    """The programme's rules."""

    data: RulesData


class StatsOut(ResponseModel):
    """Statistics of the programme. Only ``enabled`` is present while it is off."""

    enabled: bool
    total_enrolled: Annotated[int | None, Field(examples=[57], exclude_if=lambda v: v is None)] = None
    total_points_outstanding: Annotated[int | None, Field(examples=[84210], exclude_if=lambda v: v is None)] = None
    total_points_earned: Annotated[int | None, Field(examples=[120400], exclude_if=lambda v: v is None)] = None
    total_points_redeemed: Annotated[int | None, Field(examples=[36190], exclude_if=lambda v: v is None)] = None
    pending_registrations: Annotated[int | None, Field(examples=[0], exclude_if=lambda v: v is None)] = None


class StatsResponse(Envelope):
    """Statistics of the programme."""

    data: StatsOut

    @classmethod
    def of(cls, stats: Stats) -> Self:
        """Return the response for the statistics."""
        if not stats.enabled:
            return cls(data=StatsOut(enabled=False))
        return cls(data=StatsOut(**{name: getattr(stats, name) for name in StatsOut.model_fields}))


class BalanceQuery(OffsetQuery):
    """Filter and page of balances."""

    search: Annotated[SearchText, Field(description="Part of the customer's name, e-mail or phone.")] = ""


class BalanceOut(ResponseModel):
    """A customer's balance."""

    id: Annotated[int, Field(examples=[9])]
    customer_id: Annotated[int | None, Field(examples=[42])]
    points_balance: Points
    lifetime_earned: Annotated[Points, Field(examples=[500])]
    created_at: Moment
    updated_at: Moment
    customer: OrderCustomer | None

    @classmethod
    def of(cls, account: LoyaltyAccount) -> Self:
        """Return an account, with its customer loaded."""
        return cls(**balance_fields(account))


def balance_fields(account: LoyaltyAccount) -> dict[str, Any]:
    """Return the fields common to all views of an account."""
    return {
        "id": account.id,
        "customer_id": account.customer_id,
        "points_balance": account.points_balance,
        "lifetime_earned": account.lifetime_earned,
        "created_at": account.created_at,
        "updated_at": account.updated_at,
        "customer": OrderCustomer.of(account.customer) if account.customer else None,
    }


class BalanceListData(ResponseModel):
    """Balances, largest first."""

    balances: list[BalanceOut]
    total: Count
    limit: Annotated[int, Field(examples=[50])]
    offset: Annotated[int, Field(examples=[0])]


class BalanceListResponse(Envelope):
    """Balances, largest first."""

    data: BalanceListData


class BalanceDetail(BalanceOut):
    """A customer's balance and the status of their registration (null without one)."""

    registration_status: Annotated[str | None, Field(examples=["approved"])]

    @classmethod
    def of(cls, account: LoyaltyAccount, registration: LoyaltyRegistration | None = None) -> Self:
        """Return an account, with its customer loaded."""
        return cls(
            **balance_fields(account),
            registration_status=registration.status if registration else None,
        )


class BalanceData(ResponseModel):
    """A customer's balance."""

    balance: BalanceDetail


class BalanceResponse(Envelope):
    """A customer's balance."""

    data: BalanceData


class Adjustment(RequestModel):
    """Points to add (positive) or remove (negative), and the reason."""

    customer_id: Id
    points: Annotated[
        int,
        Field(
            strict=True,
            ge=-1_000_000_000,
            le=1_000_000_000,
            json_schema_extra={"not": {"const": 0}},
            examples=[250],
        ),
    ]
    note: Annotated[
        str, Field(strict=True, min_length=1, max_length=1000, pattern=r"\S", examples=["Sorry for the late delivery"])
    ]


class BalancePoints(ResponseModel):
    """A balance."""

    points_balance: Points
    lifetime_earned: Annotated[Points, Field(examples=[500])]


class AdjustmentData(ResponseModel):
    """The balance after an adjustment, and its ledger entry."""

    balance: BalancePoints
    ledger_entry: EntryOut


class AdjustmentResponse(Envelope):
    """The balance after an adjustment, and its ledger entry."""

    data: AdjustmentData

    @classmethod
    def of(cls, account: LoyaltyAccount, entry: LoyaltyEntry) -> Self:
        """Return the response for an adjustment."""
        balance = BalancePoints(points_balance=account.points_balance, lifetime_earned=account.lifetime_earned)
        return cls(data=AdjustmentData(balance=balance, ledger_entry=EntryOut.of(entry)))

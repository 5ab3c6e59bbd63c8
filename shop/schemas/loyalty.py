"""Points on the wire, by the admin door (``docs/contract/api.md``, sections 2 and 4)."""

from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PlainSerializer, WithJsonSchema

from shop.domain.points import LoyaltyRules
from shop.domain.statuses import EntryKind
from shop.models import LoyaltyAccount, LoyaltyEntry, LoyaltyRegistration
from shop.queries.loyalty.reports import ListedEntry, Standing, Stats
from shop.schemas.envelope import Envelope
from shop.schemas.orders import OrderCustomer
from shop.schemas.types import (
    Count,
    Id,
    In,
    Moment,
    MomentIn,
    MoneyNumber,
    OffsetQuery,
    Out,
    Points,
    SearchText,
)

EntryType = Literal["earn", "redeem", "adjust"]

Rate = Annotated[
    Decimal,
    PlainSerializer(lambda value: int(value) if value == int(value) else float(value), return_type=int | float),
    WithJsonSchema({"type": "number", "examples": [100]}),
]
"""An exact rate, written as a JSON number."""


class EntryOut(Out):
    """One movement of points; ``points`` is signed."""

    id: Annotated[int, Field(examples=[1])]
    type: EntryType
    points: Annotated[Points, Field(examples=[50])]
    order_id: Annotated[int | None, Field(examples=[101])]
    note: Annotated[str, Field(examples=["Earned on order ORD-260115-7KQ4F"])]
    reason: Annotated[str, Field(examples=["order_earned"])]
    balance_after: Points
    expires_at: Annotated[Moment | None, Field(examples=[None])]
    created_at: Moment

    @classmethod
    def of(cls, entry: LoyaltyEntry) -> Self:
        """An entry, with its written note loaded."""
        return cls(**entry_fields(entry))


def entry_fields(entry: LoyaltyEntry | ListedEntry) -> dict[str, Any]:
    """What every sight of an entry has."""
    return {
        "id": entry.id,
        "type": EntryKind(entry.kind).type,
        "points": entry.points,
        "order_id": entry.order_id,
        "note": entry.note,
        "reason": entry.kind,
        "balance_after": entry.balance_after,
        "expires_at": entry.expires_at,
        "created_at": entry.created_at,
    }


class ShopEntryOut(EntryOut):
    """An entry of the shop's ledger, with whose it is; null for a deleted customer."""

    customer: OrderCustomer | None

    @classmethod
    def of(cls, entry: LoyaltyEntry) -> Self:
        """An entry, with account and customer loaded."""
        customer = entry.account.customer
        return cls(**entry_fields(entry), customer=OrderCustomer.of(customer) if customer else None)


class StandingData(Out):
    """A customer's points and newest entries, at most 50, newest first."""

    points_balance: Points
    lifetime_earned: Annotated[Points, Field(examples=[500])]
    ledger: list[EntryOut]


class StandingAnswer(Envelope):
    """A customer's points."""

    data: StandingData

    @classmethod
    def of(cls, standing: Standing) -> Self:
        """The answer for a customer's standing."""
        data = {
            "points_balance": standing.points_balance,
            "lifetime_earned": standing.lifetime_earned,
            "ledger": [entry_fields(entry) for entry in standing.entries],
        }
        return cls.model_validate({"data": data})


class RulesOut(Out):
    """The programme's rules, typed."""

    enabled: bool
    award_trigger: Literal["payment_paid", "order_completed", "either"]
    points_per_currency_unit: Annotated[Rate, Field(examples=[1])]
    min_order_subtotal_to_earn: Annotated[MoneyNumber, Field(examples=[0])]
    points_per_currency_discount: Rate
    max_redeem_percent: Annotated[Rate, Field(examples=[50])]
    min_points_to_redeem: Annotated[int, Field(examples=[1])]
    min_checkout_total: Annotated[MoneyNumber, Field(examples=[0])]
    otp_ttl_minutes: Annotated[int, Field(examples=[10])]
    redemption_token_ttl_minutes: Annotated[int, Field(examples=[30])]
    optin_required: Annotated[bool, Field(examples=[False])]
    optin_id_required: Annotated[bool, Field(examples=[False])]

    @classmethod
    def of(cls, rules: LoyaltyRules) -> Self:
        """The rules as they are now."""
        return cls(
            enabled=rules.enabled,
            award_trigger=rules.award_trigger,
            points_per_currency_unit=rules.points_per_currency_unit,
            min_order_subtotal_to_earn=rules.min_order_subtotal_to_earn_cents,
            points_per_currency_discount=rules.points_per_currency_discount,
            max_redeem_percent=rules.max_redeem_percent,
            min_points_to_redeem=rules.min_points_to_redeem,
            min_checkout_total=rules.min_checkout_total_cents,
            otp_ttl_minutes=rules.otp_ttl_minutes,
            redemption_token_ttl_minutes=rules.redemption_token_ttl_minutes,
            optin_required=rules.optin_required,
            optin_id_required=rules.optin_id_required,
        )


class RulesData(Out):
    """The programme's rules."""

    config: RulesOut


class RulesAnswer(Envelope):
    """The programme's rules."""

    data: RulesData


class StatsOut(Out):
    """The programme in figures; all but ``enabled`` are absent while it is off."""

    enabled: bool
    total_enrolled: Annotated[int | None, Field(examples=[57], exclude_if=lambda v: v is None)] = None
    total_points_outstanding: Annotated[int | None, Field(examples=[84210], exclude_if=lambda v: v is None)] = None
    total_points_earned: Annotated[int | None, Field(examples=[120400], exclude_if=lambda v: v is None)] = None
    total_points_redeemed: Annotated[int | None, Field(examples=[36190], exclude_if=lambda v: v is None)] = None
    pending_registrations: Annotated[int | None, Field(examples=[0], exclude_if=lambda v: v is None)] = None


class StatsAnswer(Envelope):
    """The programme in figures."""

    data: StatsOut

    @classmethod
    def of(cls, stats: Stats) -> Self:
        """The answer for the figures."""
        if not stats.enabled:
            return cls(data=StatsOut(enabled=False))
        return cls(data=StatsOut(**{name: getattr(stats, name) for name in StatsOut.model_fields}))


class BalanceQuery(OffsetQuery):
    """Which balances."""

    search: Annotated[SearchText, Field(description="Part of the customer's name, e-mail or phone.")] = ""


class BalanceOut(Out):
    """What one customer holds."""

    id: Annotated[int, Field(examples=[9])]
    customer_id: Annotated[int | None, Field(examples=[42])]
    points_balance: Points
    lifetime_earned: Annotated[Points, Field(examples=[500])]
    created_at: Moment
    updated_at: Moment
    customer: OrderCustomer | None

    @classmethod
    def of(cls, account: LoyaltyAccount) -> Self:
        """An account, with its customer loaded."""
        return cls(**balance_fields(account))


def balance_fields(account: LoyaltyAccount) -> dict[str, Any]:
    """What every sight of an account has."""
    return {
        "id": account.id,
        "customer_id": account.customer_id,
        "points_balance": account.points_balance,
        "lifetime_earned": account.lifetime_earned,
        "created_at": account.created_at,
        "updated_at": account.updated_at,
        "customer": OrderCustomer.of(account.customer) if account.customer else None,
    }


class BalanceListData(Out):
    """Balances, the largest first."""

    balances: list[BalanceOut]
    total: Count
    limit: Annotated[int, Field(examples=[50])]
    offset: Annotated[int, Field(examples=[0])]


class BalanceListAnswer(Envelope):
    """Balances, the largest first."""

    data: BalanceListData


class BalanceWhole(BalanceOut):
    """What one customer holds, and how her registration stands (null without one)."""

    registration_status: Annotated[str | None, Field(examples=["approved"])]

    @classmethod
    def of(cls, account: LoyaltyAccount, registration: LoyaltyRegistration | None = None) -> Self:
        """An account, with its customer loaded."""
        return cls(
            **balance_fields(account),
            registration_status=registration.status if registration else None,
        )


class BalanceData(Out):
    """What one customer holds."""

    balance: BalanceWhole


class BalanceAnswer(Envelope):
    """What one customer holds."""

    data: BalanceData


class Adjustment(In):
    """Points to give (positive) or take (negative), and why."""

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


class BalancePoints(Out):
    """A balance."""

    points_balance: Points
    lifetime_earned: Annotated[Points, Field(examples=[500])]


class AdjustmentData(Out):
    """The balance after an adjustment, and its entry."""

    balance: BalancePoints
    ledger_entry: EntryOut


class AdjustmentAnswer(Envelope):
    """The balance after an adjustment, and its entry."""

    data: AdjustmentData

    @classmethod
    def of(cls, account: LoyaltyAccount, entry: LoyaltyEntry) -> Self:
        """The answer for an adjustment."""
        balance = BalancePoints(points_balance=account.points_balance, lifetime_earned=account.lifetime_earned)
        return cls(data=AdjustmentData(balance=balance, ledger_entry=EntryOut.of(entry)))


class LedgerQuery(OffsetQuery):
    """Which entries of the shop's ledger."""

    customer_id: Annotated[int | None, Field(ge=1, le=2**63 - 1)] = None
    type: EntryType | None = None
    since: Annotated[MomentIn | None, Field(alias="from", description="From this time on.")] = None
    until: Annotated[MomentIn | None, Field(alias="to", description="Before this time.")] = None


class LedgerData(Out):
    """Entries of the shop's ledger, newest first."""

    entries: list[ShopEntryOut]
    total: Count
    limit: Annotated[int, Field(examples=[50])]
    offset: Annotated[int, Field(examples=[0])]


class LedgerAnswer(Envelope):
    """Entries of the shop's ledger, newest first."""

    data: LedgerData

"""The programme's rules, for shoppers, checkouts and programs (``docs/contract/api.md``, sections 2 and 5)."""

from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PlainSerializer, WithJsonSchema

from shop.domain.loyalty.points import LoyaltyRules, cents_for_one_point
from shop.schemas.types import MoneyNumber, ResponseModel

Rate = Annotated[
    Decimal,
    PlainSerializer(lambda value: int(value) if value == int(value) else float(value), return_type=int | float),
    WithJsonSchema({"type": "number", "examples": [100]}),
]
"""An exact rate, written as a JSON number."""


class RedemptionRules(ResponseModel):
    """The rules that every view of the programme has."""

    enabled: bool
    points_per_currency_unit: Annotated[Rate, Field(examples=[1])]
    points_per_currency_discount: Rate
    max_redeem_percent: Annotated[Rate, Field(examples=[50])]
    min_points_to_redeem: Annotated[int, Field(examples=[1])]
    min_checkout_total: Annotated[MoneyNumber, Field(examples=[0])]
    optin_required: Annotated[bool, Field(examples=[False])]
    optin_id_required: Annotated[bool, Field(examples=[False])]


class ProgrammeRules(RedemptionRules):
    """The rules of the programme that need not be secret."""

    min_order_subtotal_to_earn: Annotated[MoneyNumber, Field(examples=[0])]
    otp_ttl_minutes: Annotated[int, Field(examples=[10])]
    redemption_token_ttl_minutes: Annotated[int, Field(examples=[30])]


class LoyaltyConfig(ProgrammeRules):
    """The public rules of the programme."""

    one_point_from: Annotated[
        MoneyNumber | None, Field(description="Amount of goods worth one point; null: nothing earns.", examples=[1])
    ]

    @classmethod
    def of(cls, rules: LoyaltyRules) -> Self:
        """Return the public rules."""
        return cls(**rule_fields(rules, ProgrammeRules), one_point_from=cents_for_one_point(rules))


class RulesOut(ProgrammeRules):
    """The programme's rules."""

    award_trigger: Literal["payment_paid", "order_completed", "either"]

    @classmethod
    def of(cls, rules: LoyaltyRules) -> Self:
        """Return all rules."""
        return cls(**rule_fields(rules, cls))


def rule_fields(rules: LoyaltyRules, model: type[RedemptionRules]) -> dict[str, Any]:
    """Return the values of a model's fields, all of which are rules; amounts in cents."""
    amounts = {"min_order_subtotal_to_earn", "min_checkout_total"}
    return {name: getattr(rules, f"{name}_cents" if name in amounts else name) for name in model.model_fields}

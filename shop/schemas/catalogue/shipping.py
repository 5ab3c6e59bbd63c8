"""Delivery methods (``docs/contract/api.md``, section 10)."""

from typing import Annotated, Any, Self

from pydantic import Field

from shop.models import ShippingMethod
from shop.schemas.envelope import Envelope
from shop.schemas.types import Id, Money, MoneyIn, RequestModel, ResponseModel, Text

Grams = Annotated[int, Field(strict=True, ge=0, le=100_000_000, description="In grams.", examples=[10000])]
Days = Annotated[int, Field(strict=True, ge=0, le=365, examples=[2])]
Places = Annotated[list[Text], Field(max_length=300)]
COLUMNS = {
    "price": "cost_cents",
    "free_above": "free_above_cents",
    "min_weight": "min_weight_grams",
    "max_weight": "max_weight_grams",
}
NULLABLE = {"free_above", "min_weight", "max_weight", "zone_id", "lead_days_min", "lead_days_max"}


class ShippingMethodChange(RequestModel):
    """Fields of a method to change; those left out stay as they are."""

    name: Annotated[Text | None, Field(min_length=1, examples=["Rider"])] = None
    countries: Annotated[Places | None, Field(description="None for all.", examples=[["KE"]])] = None
    regions: Annotated[Places | None, Field(description="Counties; none for all.", examples=[["Nairobi"]])] = None
    price: MoneyIn | None = None
    free_above: MoneyIn | None = None
    min_weight: Grams | None = None
    max_weight: Grams | None = None
    collection: Annotated[bool | None, Field(strict=True, examples=[False])] = None
    pickup_address: Annotated[Text | None, Field(examples=["Ngong Road 4"])] = None
    pickup_hours: Annotated[Text | None, Field(examples=["Mon-Sat 8-18"])] = None
    lead_days_min: Days | None = None
    lead_days_max: Days | None = None
    zone_id: Annotated[Id | None, Field(description="A zone, whose places then count.", examples=[None])] = None
    position: Annotated[int | None, Field(strict=True, ge=0, le=10_000, examples=[1])] = None
    enabled: Annotated[bool | None, Field(strict=True, examples=[True])] = None
    tax_class: Annotated[str | None, Field(pattern="^[A-Za-z0-9_-]{0,64}$", examples=["B"])] = None

    def columns(self) -> dict[str, Any]:
        """Return the columns of the fields that were given, without the position."""
        names = self.model_fields_set & ShippingMethodChange.model_fields.keys() - {"position"}
        given = {name: getattr(self, name) for name in names}
        return {COLUMNS.get(name, name): one for name, one in given.items() if one is not None or name in NULLABLE}


class NewShippingMethod(ShippingMethodChange):
    """A method to add."""

    name: Annotated[Text, Field(min_length=1, examples=["Rider"])]
    price: MoneyIn


class ShippingMethodRow(ResponseModel):
    """A method of delivery. Weights are grams. The places of its zone count, if it has one."""

    id: Annotated[int, Field(examples=[1])]
    name: Annotated[str, Field(examples=["Rider"])]
    countries: Annotated[list[str], Field(examples=[["KE"]])]
    regions: Annotated[list[str], Field(examples=[["Nairobi"]])]
    price: Money
    free_above: Annotated[Money | None, Field(examples=["3000.00"])]
    min_weight: int | None
    max_weight: int | None
    collection: bool
    pickup_address: Annotated[str, Field(examples=["Ngong Road 4"])]
    pickup_hours: Annotated[str, Field(examples=["Mon-Sat 8-18"])]
    lead_days_min: int | None
    lead_days_max: int | None
    zone_id: int | None
    position: int
    enabled: bool
    tax_class: Annotated[str, Field(examples=["B"])]

    @classmethod
    def of(cls, method: ShippingMethod) -> Self:
        """Return a method."""
        return cls(**{name: getattr(method, COLUMNS.get(name, name)) for name in cls.model_fields})


class ShippingMethodItem(ResponseModel):
    """A method of delivery."""

    shipping_method: ShippingMethodRow


class ShippingMethodItemResponse(Envelope):
    """A method of delivery."""

    data: ShippingMethodItem

    @classmethod
    def of(cls, method: ShippingMethod) -> Self:
        """Return the response for a method."""
        return cls(data=ShippingMethodItem(shipping_method=ShippingMethodRow.of(method)))


class ShippingMethodListData(ResponseModel):
    """All methods in their order."""

    shipping_methods: list[ShippingMethodRow]


class ShippingMethodListResponse(Envelope):
    """All methods in their order."""

    data: ShippingMethodListData

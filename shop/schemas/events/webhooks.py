"""A model of each type of event, as webhooks send it: the ``webhooks`` of the OpenAPI document.

``GET /events`` keeps ``data`` untyped on purpose: generated clients refuse an answer with a type or a field they do not
know, or without one that is new, and stored events have the fields of their time (``docs/api/events-and-webhooks.md``).
"""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Field, create_model

from shop.domain.events import EventType, Noun
from shop.schemas.events.examples import MODELS
from shop.schemas.types import Moment, ResponseModel

SUMMARIES: Final[dict[EventType, str]] = {
    EventType.CUSTOMER_CREATED: "A customer was added",
    EventType.CUSTOMER_UPDATED: "A customer was changed",
    EventType.CUSTOMER_MERGED: "A customer was merged into another",
    EventType.CUSTOMER_DELETED: "A customer was deleted permanently",
    EventType.POINTS_EARNED: "An order earned points",
    EventType.POINTS_REDEEMED: "An order redeemed points",
    EventType.POINTS_RETURNED: "Redeemed points were restored",
    EventType.POINTS_REVERSED: "Earned points were reversed",
    EventType.POINTS_ADJUSTED: "Points were adjusted by hand, or moved by a merge",
    EventType.ORDER_PLACED: "An order was placed, entered by staff, or recorded",
    EventType.ORDER_UPDATED: "An order was changed",
    EventType.ORDER_PAID: "An order was paid",
    EventType.ORDER_COMPLETED: "An order was completed",
    EventType.ORDER_CANCELLED: "An order was cancelled",
    EventType.ORDER_REFUNDED: "A part or all of an order's money was refunded",
    EventType.ORDER_DELETED: "An order was deleted",
    EventType.PAYMENT_NEEDS_REVIEW: "Staff must look at a payment",
    EventType.PRODUCT_UPDATED: "A product was added, changed or archived, or its stock was counted",
    EventType.PRODUCT_DELETED: "A product was deleted",
    EventType.REGISTRATION_REQUESTED: "A customer asked to join the programme",
    EventType.REGISTRATION_DECIDED: "Staff decided on a registration",
    EventType.ENDPOINT_DISABLED: "Tuza disabled a webhook endpoint",
}


class EventActor(ResponseModel):
    """The person or program that caused an event."""

    kind: Annotated[Literal["staff", "api_key", "customer", "system"], Field(examples=["staff"])]
    id: Annotated[int | None, Field(examples=[3])]
    label: Annotated[str, Field(examples=["Njeri Kamau"])]


class DeletedObject(ResponseModel):
    """A deleted object."""

    id: Annotated[int, Field(examples=[101])]


class EventData(ResponseModel):
    """The data that every event has beside its object."""

    previous: Annotated[dict[str, Any], Field(description="The former values of changed fields.", examples=[{}])]
    actor: EventActor
    test: Annotated[bool, Field(description="True in test events, absent in all others.", examples=[True])] = False
    omitted: Annotated[
        list[str],
        Field(
            description="Fields such as `order.items` that were left out of this event because it was larger than "
            "20 kB, though they are required otherwise. Absent in all others.",
            examples=[["order.items"]],
        ),
    ] = []


class WebhookEvent(ResponseModel):
    """The body of every webhook."""

    id: Annotated[str, Field(examples=["evt_5f3a9c0d1e7b42a86c55d0f1e2"])]
    version: Annotated[int, Field(description="Of the shape of `data`.", examples=[1])]
    sequence: Annotated[int, Field(description="Counts up within the shop; 0 in test events.", examples=[1841])]
    timestamp: Moment


def event_models() -> dict[EventType, type[BaseModel]]:
    """Return the model of each type's webhook: ``order.paid`` is ``OrderPaidEvent``."""
    data = {(noun, gone): _data_model(noun, gone) for noun in Noun for gone in (False, True)}
    return {type: _event_model(type, data[type.noun, type.endswith(".deleted")]) for type in EventType}


def _data_model(noun: Noun, is_deleted: bool) -> type[BaseModel]:
    name, shown = ("Deleted" if is_deleted else "") + noun.title(), DeletedObject if is_deleted else MODELS[noun]
    fields: dict[str, Any] = {noun.value: (shown, ...)}
    return create_model(f"{name}EventData", __base__=EventData, __doc__="The data of an event.", **fields)


def _event_model(type: EventType, data: type[BaseModel]) -> type[BaseModel]:
    name = type.replace("_", ".").title().replace(".", "")
    fields: dict[str, Any] = {"type": (Literal[type.value], ...), "data": (data, ...)}
    return create_model(f"{name}Event", __base__=WebhookEvent, __doc__=f"{SUMMARIES[type]}.", **fields)


EVENT_MODELS: Final = event_models()

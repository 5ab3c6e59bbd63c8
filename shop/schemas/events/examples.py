"""An example of each event's data, for test events of webhooks."""

from typing import Any, Final

from pydantic import BaseModel

from shop.domain.events import EventType, Noun
from shop.schemas.catalogue.product_records import ProductDetail
from shop.schemas.customers.records import CustomerOut
from shop.schemas.events.objects import DisabledEndpoint, MergedCustomers, MovedEntry, ReviewedPayment
from shop.schemas.examples import example_of
from shop.schemas.loyalty.registrations import RegistrationOut
from shop.schemas.orders.records import OrderOut

MODELS: Final[dict[Noun, type[BaseModel]]] = {
    Noun.CUSTOMER: CustomerOut,
    Noun.MERGE: MergedCustomers,
    Noun.ENTRY: MovedEntry,
    Noun.ORDER: OrderOut,
    Noun.PAYMENT: ReviewedPayment,
    Noun.PRODUCT: ProductDetail,
    Noun.REGISTRATION: RegistrationOut,
    Noun.ENDPOINT: DisabledEndpoint,
}


def event_example(type: EventType) -> dict[str, Any]:
    """Return an example of the object of an event, under its name. Deleted objects have their id only."""
    schema = MODELS[type.noun].model_json_schema(mode="serialization")
    example = example_of(schema, schema.get("$defs", {}))
    return {type.noun.value: {"id": example["id"]} if type.endswith(".deleted") else example}

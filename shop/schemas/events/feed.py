"""The list of events (``docs/contract/api.md``, section 10)."""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field

from shop.domain.events import check_pattern
from shop.models import Event
from shop.schemas.envelope import Envelope
from shop.schemas.times import DayOrMomentIn
from shop.schemas.types import Moment, ResponseModel, SequenceQuery
from shop.services.events.feed import event_data


def _patterns(raw: str) -> str:
    for pattern in raw.split(","):
        check_pattern(pattern.strip())
    return raw


class EventListQuery(SequenceQuery):
    """Filters of events: by type, time and place in the sequence."""

    type: Annotated[
        str,
        AfterValidator(_patterns),
        Field(
            max_length=1000,
            description="Names, prefixes such as `points.*`, or `*` for all, with commas in between.",
            examples=["points.*,order.paid"],
        ),
    ] = "*"
    since: Annotated[DayOrMomentIn | None, Field(description="Events at or after this time, or from this day on.")] = (
        None
    )

    @property
    def patterns(self) -> list[str]:
        """Return the types one by one."""
        return [pattern.strip() for pattern in self.type.split(",")]


class EventOut(ResponseModel):
    """Something that happened. ``sequence`` counts up within the shop."""

    id: Annotated[str, Field(examples=["evt_5f3a9c0d1e7b42a86c55d0f1e2"])]
    type: Annotated[str, Field(examples=["order.paid"])]
    version: Annotated[int, Field(description="Of the shape of `data`.", examples=[1])]
    sequence: Annotated[int, Field(examples=[1841])]
    timestamp: Moment
    data: Annotated[
        dict[str, Any],
        Field(
            description="The object under its name (`order`, `customer`, `entry` …) as the API shows it, `previous` "
            "with the former values of changed fields, and `actor`.",
            examples=[
                {
                    "order": {"id": 101, "order_number": "ORD-260115-7KQ4F", "payment_status": "paid"},
                    "previous": {"payment_status": "pending"},
                    "actor": {"kind": "staff", "id": 3, "label": "Njeri Kamau"},
                }
            ],
        ),
    ]

    @classmethod
    def of(cls, event: Event) -> Self:
        """Return an event that has its sequence."""
        assert event.sequence is not None
        return cls(
            id=f"evt_{event.token}",
            type=event.type,
            version=event.version,
            sequence=event.sequence,
            timestamp=event.created_at,
            data=event_data(event),
        )


class EventListData(ResponseModel):
    """Events by sequence."""

    events: list[EventOut]
    has_more: Annotated[bool, Field(description="Whether more follow: ask again with `after`.", examples=[False])]

    @property
    def next_after(self) -> int | None:
        """Return the sequence to ask for next; None if nothing follows yet."""
        return self.events[-1].sequence if self.has_more else None


class EventListResponse(Envelope):
    """Events by sequence."""

    data: EventListData

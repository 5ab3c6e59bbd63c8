"""Sandbox shops: clock, messages, reset (``docs/contract/api.md``, section 10)."""

from typing import Annotated, Self

from pydantic import Field

from shop.models import SandboxMessage
from shop.schemas.envelope import Envelope
from shop.schemas.times import DayOrMomentIn
from shop.schemas.types import Count, Moment, OffsetQuery, RequestModel, ResponseModel, SearchText
from shop.services.sandbox.clock import ClockState


class ClockMove(RequestModel):
    """How far the clock moves: by a duration, or to a time."""

    advance: Annotated[
        str | None,
        Field(
            strict=True,
            max_length=40,
            description="An ISO 8601 duration; months and days keep the time of day in the shop's time zone.",
            examples=["P13M"],
        ),
    ] = None
    to: Annotated[
        DayOrMomentIn | None,
        Field(description="A time, or the beginning of a day of the shop; instead of `advance`.", examples=[None]),
    ] = None


class HappenedOut(ResponseModel):
    """A kind of work done at a moment, and its count."""

    at: Moment
    work: Annotated[str, Field(examples=["payments"])]
    count: Count


class ClockOut(ResponseModel):
    """A sandbox shop's clock."""

    now: Moment
    real_now: Moment
    happened: Annotated[list[HappenedOut], Field(description="What was done on the way, in order.")]


class ClockData(ResponseModel):
    """A sandbox shop's clock."""

    clock: ClockOut


class ClockResponse(Envelope):
    """A sandbox shop's clock."""

    data: ClockData

    @classmethod
    def of(cls, state: ClockState) -> Self:
        """Return the response for a clock."""
        happened = [HappenedOut(at=one.at, work=one.work, count=one.count) for one in state.happened]
        return cls(data=ClockData(clock=ClockOut(now=state.now, real_now=state.real_now, happened=happened)))


class MessageQuery(OffsetQuery):
    """Filter and page of messages."""

    recipient: Annotated[
        SearchText, Field(description="Only messages to this address.", examples=["jane@example.com"])
    ] = ""


class MessageOut(ResponseModel):
    """A message as it would have been sent."""

    id: Annotated[int, Field(examples=[7])]
    kind: Annotated[str, Field(examples=["code"])]
    channel: Annotated[str, Field(examples=["email"])]
    recipient: Annotated[str, Field(examples=["jane@example.com"])]
    subject: Annotated[str, Field(examples=["[Sandbox] 482 913 is your code for Duka la Mama Njeri"])]
    text: Annotated[str, Field(examples=["482 913 is your code. It is valid for 10 minutes."])]
    sent_at: Moment

    @classmethod
    def of(cls, message: SandboxMessage) -> Self:
        """Return a message."""
        names = ("id", "kind", "channel", "recipient", "subject", "text", "sent_at")
        return cls(**{name: getattr(message, name) for name in names})


class MessagesData(ResponseModel):
    """Messages, newest first."""

    messages: list[MessageOut]
    total: Count
    limit: Annotated[int, Field(examples=[50])]
    offset: Annotated[int, Field(examples=[0])]


class MessagesResponse(Envelope):
    """Messages, newest first."""

    data: MessagesData

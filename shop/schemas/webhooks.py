"""Webhook endpoints and deliveries (``docs/contract/api.md``, section 10)."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field

from shop.domain.events import EventType, check_pattern
from shop.domain.ids import MAX_ID
from shop.domain.webhooks import DeliveryStatus
from shop.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from shop.queries.webhooks.deliveries import EndpointFigures
from shop.schemas.envelope import Envelope
from shop.schemas.times import DayOrMomentIn
from shop.schemas.types import Count, Moment, PageQuery, RequestModel, ResponseModel, Text

Url = Annotated[str, Field(strict=True, min_length=1, max_length=2000, examples=["https://example.com/webhooks"])]
Types = Annotated[
    list[Annotated[str, Field(strict=True, max_length=64), AfterValidator(check_pattern)]],
    Field(
        min_length=1,
        max_length=50,
        description="Names, prefixes such as `points.*`, or `*`.",
        examples=[["points.*", "order.paid"]],
    ),
]
Signature = Annotated[Literal["v1", "v1a"], Field(description="HMAC-SHA256 or ed25519.", examples=["v1"])]
Status = Annotated[DeliveryStatus, Field(examples=["delivered"])]


class NewWebhookEndpoint(RequestModel):
    """A webhook endpoint to add."""

    url: Url
    types: Types
    description: Text = ""
    enabled: Annotated[bool, Field(strict=True, examples=[True])] = True
    signature: Signature = "v1"


class WebhookEndpointChange(RequestModel):
    """Fields of a webhook endpoint to change; those that are absent stay."""

    url: Url | None = None
    types: Types | None = None
    description: Text | None = None
    enabled: Annotated[bool | None, Field(strict=True, examples=[True])] = None

    @property
    def given(self) -> dict[str, Any]:
        """Return the fields given."""
        return self.model_dump(exclude_none=True)


class WebhookStatistics(ResponseModel):
    """Numbers of deliveries of the last 30 days."""

    delivered: Count
    failed: Annotated[Count, Field(description="Without another attempt.")]
    waiting: Annotated[Count, Field(description="Not sent yet, or to be tried again.")]


class WebhookEndpointOut(ResponseModel):
    """A webhook endpoint."""

    id: Annotated[int, Field(examples=[2])]
    url: Annotated[str, Field(examples=["https://example.com/webhooks"])]
    types: Annotated[list[str], Field(examples=[["points.*", "order.paid"]])]
    description: Annotated[str, Field(examples=["Bookkeeping"])]
    enabled: Annotated[bool, Field(examples=[True])]
    signature: Signature
    created_at: Moment
    disabled_reason: Annotated[
        str | None, Field(description="`failing` or `gone` if it was disabled by Tuza.", examples=[None])
    ]
    statistics: WebhookStatistics

    @classmethod
    def of(cls, endpoint: WebhookEndpoint, figures: EndpointFigures) -> Self:
        """Return an endpoint and the numbers of its deliveries."""
        fields = {name: getattr(endpoint, name) for name in WebhookEndpointOut.model_fields if name != "statistics"}
        counts = {name: getattr(figures, name) for name in WebhookStatistics.model_fields}
        return cls(**fields, statistics=WebhookStatistics(**counts))


class WebhookEndpointWithSecret(WebhookEndpointOut):
    """A webhook endpoint with its secret, which is not shown again."""

    secret: Annotated[
        str,
        Field(
            description="Key that verifies deliveries: `whsec_…`, or the public key `whpk_…` for `v1a`.",
            examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        ),
    ]

    @classmethod
    def with_secret(cls, endpoint: WebhookEndpoint, figures: EndpointFigures, secret: str) -> Self:
        """Return an endpoint, the numbers of its deliveries and the key that verifies them."""
        return cls(**WebhookEndpointOut.of(endpoint, figures).model_dump(), secret=secret)


class WebhookEndpointData(ResponseModel):
    """A webhook endpoint."""

    endpoint: WebhookEndpointOut


class WebhookEndpointResponse(Envelope):
    """A webhook endpoint."""

    data: WebhookEndpointData

    @classmethod
    def of(cls, endpoint: WebhookEndpoint, figures: EndpointFigures) -> Self:
        """Return the response for an endpoint."""
        return cls(data=WebhookEndpointData(endpoint=WebhookEndpointOut.of(endpoint, figures)))


class WebhookEndpointSecretData(ResponseModel):
    """A webhook endpoint with its secret."""

    endpoint: WebhookEndpointWithSecret


class WebhookEndpointSecretResponse(Envelope):
    """A webhook endpoint with its secret."""

    data: WebhookEndpointSecretData

    @classmethod
    def of(cls, endpoint: WebhookEndpoint, figures: EndpointFigures, secret: str) -> Self:
        """Return the response for an endpoint that was added or got a new secret."""
        shown = WebhookEndpointWithSecret.with_secret(endpoint, figures, secret)
        return cls(data=WebhookEndpointSecretData(endpoint=shown))


class WebhookEndpointListData(ResponseModel):
    """Webhook endpoints, newest first."""

    endpoints: list[WebhookEndpointOut]


class WebhookEndpointListResponse(Envelope):
    """Webhook endpoints, newest first."""

    data: WebhookEndpointListData

    @classmethod
    def of(cls, endpoints: Sequence[WebhookEndpoint], figures: Mapping[int, EndpointFigures]) -> Self:
        """Return the response for endpoints; one without deliveries has no ``figures``."""
        shown = [WebhookEndpointOut.of(one, figures.get(one.id, EndpointFigures())) for one in endpoints]
        return cls(data=WebhookEndpointListData(endpoints=shown))


class WebhookTestRequest(RequestModel):
    """The type of a test event."""

    type: Annotated[EventType, Field(examples=["order.paid"])]


class WebhookReplayRequest(RequestModel):
    """A time range of at most 14 days."""

    since: Annotated[DayOrMomentIn, Field(description="From this time, or from this day on.")]
    until: Annotated[DayOrMomentIn, Field(description="Up to this time, or up to and including this day.")]


class WebhookReplayResult(ResponseModel):
    """Number of deliveries that are sent again."""

    count: Count


class WebhookReplayResponse(Envelope):
    """Number of deliveries that are sent again."""

    data: WebhookReplayResult


class WebhookAttemptOut(ResponseModel):
    """A request of a delivery, and the first 64 KB of its response."""

    at: Moment
    status_code: Annotated[int | None, Field(description="null without a response.", examples=[200])]
    duration_ms: Annotated[int, Field(examples=[212])]
    response: Annotated[str, Field(examples=["HTTP/1.1 200 OK\n\n"])]

    @classmethod
    def of(cls, attempt: WebhookAttempt) -> Self:
        """Return an attempt."""
        return cls(**{name: getattr(attempt, name) for name in cls.model_fields})


class WebhookDeliveryOut(ResponseModel):
    """An event for an endpoint, with its attempts."""

    id: Annotated[int, Field(examples=[91])]
    webhook_id: Annotated[str, Field(examples=["msg_5f3a9c0d1e7b42a86c55d0f1e2"])]
    type: Annotated[str, Field(examples=["order.paid"])]
    endpoint_id: Annotated[int, Field(examples=[2])]
    status: Status
    attempts: list[WebhookAttemptOut]
    next_attempt_at: Annotated[Moment | None, Field(description="null if there is none.")]

    @classmethod
    def of(cls, delivery: WebhookDelivery) -> Self:
        """Return a delivery with its attempts loaded."""
        return cls(
            id=delivery.id,
            webhook_id=delivery.webhook_id,
            type=delivery.type,
            endpoint_id=delivery.endpoint_id,
            status=DeliveryStatus(delivery.status),
            attempts=[WebhookAttemptOut.of(attempt) for attempt in delivery.attempts],
            next_attempt_at=delivery.due_at if delivery.status == "waiting" else None,
        )


class WebhookDeliveryListQuery(PageQuery):
    """Filter and page of deliveries."""

    endpoint_id: Annotated[int | None, Field(ge=1, le=MAX_ID, description="Deliveries to this endpoint.")] = None
    status: Annotated[Status | None, Field(description="Deliveries with this status.")] = None
    type: Annotated[EventType | None, Field(description="Deliveries of this type of event.")] = None
    since: Annotated[
        DayOrMomentIn | None, Field(description="Deliveries created at or after this time, or from this day on.")
    ] = None


class WebhookDeliveryData(ResponseModel):
    """A delivery."""

    delivery: WebhookDeliveryOut


class WebhookDeliveryResponse(Envelope):
    """A delivery."""

    data: WebhookDeliveryData

    @classmethod
    def of(cls, delivery: WebhookDelivery) -> Self:
        """Return the response for a delivery."""
        return cls(data=WebhookDeliveryData(delivery=WebhookDeliveryOut.of(delivery)))


class WebhookDeliveryListData(ResponseModel):
    """A page of deliveries, newest first."""

    deliveries: list[WebhookDeliveryOut]
    total: Count
    page: Annotated[int, Field(examples=[1])]
    limit: Annotated[int, Field(examples=[20])]


class WebhookDeliveryListResponse(Envelope):
    """A page of deliveries, newest first."""

    data: WebhookDeliveryListData

"""The ``webhooks`` of the OpenAPI document: one for each type of event."""

from typing import Any, Final

from shop.domain.events import EventType
from shop.schemas.events.webhooks import EVENT_MODELS, SUMMARIES

TAG: Final = "Webhooks"
DESCRIPTION: Final = (
    "Sent to each webhook endpoint that receives `{type}`. Verify the signature over the bytes of the body, ignore "
    "fields that you do not know, and keep the `webhook-id`s you have processed: a delivery may arrive again."
)
HEADERS: Final = (
    ("webhook-id", "Names the delivery, the same at each attempt.", "msg_5f3a9c0d1e7b42a86c55d0f1e2"),
    ("webhook-timestamp", "When this attempt was made, in seconds since 1970.", "1795592834"),
    (
        "webhook-signature",
        "Signatures of `id.timestamp.body` with spaces in between, each `v1,` and HMAC-SHA256 or `v1a,` and ed25519 "
        "in Base64: accept any.",
        "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    ),
)
"""Of Standard Webhooks: name, description, example."""
RESPONSES: Final = {
    "2XX": {"description": "The event was received. It must be sent within 15 seconds."},
    "410": {"description": "The endpoint is gone: Tuza disables it."},
    "4XX": {"description": "A failure: Tuza sends the event again later."},
    "5XX": {"description": "A failure: Tuza sends the event again later, after `Retry-After` of a 503."},
}


def webhooks(ref: str) -> dict[str, Any]:
    """Return the webhooks by type of event; ``ref`` is what names of schemas follow."""
    return {type.value: {"post": _webhook(type, ref)} for type in EventType}


def _webhook(type: EventType, ref: str) -> dict[str, Any]:
    schema = {"$ref": ref + EVENT_MODELS[type].__name__}
    return {
        "operationId": type.replace(".", "_"),
        "summary": SUMMARIES[type],
        "description": DESCRIPTION.format(type=type.value),
        "tags": [TAG],
        "security": [],
        "parameters": [_header(*header) for header in HEADERS],
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": RESPONSES,
    }


def _header(name: str, description: str, example: str) -> dict[str, Any]:
    described = {"name": name, "in": "header", "required": True, "description": description}
    return described | {"schema": {"type": "string"}, "example": example}

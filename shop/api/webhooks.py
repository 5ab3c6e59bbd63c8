"""Webhook endpoints and deliveries (``docs/webhooks.md``)."""

from flask_babel import gettext

from shop.api import blueprint
from shop.api.auth import current_actor
from shop.queries.listing.times import end_time, start_time, time_from
from shop.queries.webhooks.deliveries import DeliveryFilter, figures_of, figures_of_endpoints, list_deliveries
from shop.schemas.envelope import Message
from shop.schemas.webhooks import (
    NewWebhookEndpoint,
    WebhookDeliveryListData,
    WebhookDeliveryListQuery,
    WebhookDeliveryListResponse,
    WebhookDeliveryOut,
    WebhookDeliveryResponse,
    WebhookEndpointChange,
    WebhookEndpointListResponse,
    WebhookEndpointResponse,
    WebhookEndpointSecretResponse,
    WebhookReplayRequest,
    WebhookReplayResponse,
    WebhookReplayResult,
    WebhookTestRequest,
)
from shop.services.webhooks.deliveries import get_delivery, replay, resend, send_test
from shop.services.webhooks.endpoints import (
    create_endpoint,
    delete_endpoint,
    get_endpoint,
    list_endpoints,
    rotate_secret,
    update_endpoint,
)
from shop.web.json_api.endpoint import endpoint

TAG = "Webhooks"
ENDPOINT, DELIVERY = "<id:endpoint_id>", "<id:delivery_id>"


@blueprint.get("/webhook-endpoints")
@endpoint(WebhookEndpointListResponse, tag=TAG, access="api_key", etag=True)
def webhook_endpoint_list() -> WebhookEndpointListResponse:
    """List webhook endpoints

    Newest first.
    """
    return WebhookEndpointListResponse.of(list_endpoints(), figures_of_endpoints())


@blueprint.post("/webhook-endpoints")
@endpoint(
    WebhookEndpointSecretResponse, tag=TAG, body=NewWebhookEndpoint, status=201, access="api_key", idempotent=True
)
def webhook_endpoint_create(body: NewWebhookEndpoint) -> WebhookEndpointSecretResponse:
    """Add a webhook endpoint

    It receives events from now on. `secret` is not shown again.
    """
    given = body.model_dump(include={"description", "enabled", "signature"})
    made, secret = create_endpoint(body.url, body.types, current_actor(), **given)
    return WebhookEndpointSecretResponse.of(made, figures_of(made.id), secret)


@blueprint.get(f"/webhook-endpoints/{ENDPOINT}")
@endpoint(WebhookEndpointResponse, tag=TAG, errors=[404], access="api_key")
def webhook_endpoint_show(endpoint_id: int) -> WebhookEndpointResponse:
    """Get a webhook endpoint

    Without its secret, which is shown only when it is created or rotated.
    """
    return WebhookEndpointResponse.of(get_endpoint(endpoint_id), figures_of(endpoint_id))


@blueprint.patch(f"/webhook-endpoints/{ENDPOINT}")
@endpoint(WebhookEndpointResponse, tag=TAG, body=WebhookEndpointChange, errors=[404], access="api_key")
def webhook_endpoint_change(endpoint_id: int, body: WebhookEndpointChange) -> WebhookEndpointResponse:
    """Change a webhook endpoint

    An endpoint that is enabled again receives events from then on; a replay sends the ones before.
    """
    changed = update_endpoint(endpoint_id, body.given, current_actor())
    return WebhookEndpointResponse.of(changed, figures_of(endpoint_id))


@blueprint.delete(f"/webhook-endpoints/{ENDPOINT}")
@endpoint(Message, tag=TAG, errors=[404], access="api_key")
def webhook_endpoint_delete(endpoint_id: int) -> Message:
    """Delete a webhook endpoint

    Deletes its deliveries too.
    """
    delete_endpoint(endpoint_id, current_actor())
    return Message(message=gettext("Webhook endpoint deleted"))


@blueprint.post(f"/webhook-endpoints/{ENDPOINT}/rotate-secret")
@endpoint(WebhookEndpointSecretResponse, tag=TAG, errors=[404], access="api_key")
def webhook_secret_rotate(endpoint_id: int) -> WebhookEndpointSecretResponse:
    """Rotate the secret of a webhook endpoint

    `secret` is not shown again. For 24 hours deliveries are signed with the old secret too.
    """
    rotated, secret = rotate_secret(endpoint_id, current_actor())
    return WebhookEndpointSecretResponse.of(rotated, figures_of(endpoint_id), secret)


@blueprint.post(f"/webhook-endpoints/{ENDPOINT}/test")
@endpoint(WebhookDeliveryResponse, tag=TAG, body=WebhookTestRequest, errors=[404, 409], access="api_key")
def webhook_test(endpoint_id: int, body: WebhookTestRequest) -> WebhookDeliveryResponse:
    """Send a test event to a webhook endpoint

    `data.test` is true. The endpoint receives it even if `types` does not name the type.
    """
    return WebhookDeliveryResponse.of(send_test(endpoint_id, body.type, current_actor()))


@blueprint.post(f"/webhook-endpoints/{ENDPOINT}/replay")
@endpoint(WebhookReplayResponse, tag=TAG, body=WebhookReplayRequest, errors=[404, 409], access="api_key")
def webhook_replay(endpoint_id: int, body: WebhookReplayRequest) -> WebhookReplayResponse:
    """Resend the events of a time range

    Sends failed deliveries again, with the same ids, also those that wait for their next attempt, and events that were
    never sent. At most 14 days.
    """
    since, until = start_time(body.since), end_time(body.until)
    return WebhookReplayResponse(data=WebhookReplayResult(count=replay(endpoint_id, since, until, current_actor())))


@blueprint.get("/webhook-deliveries")
@endpoint(WebhookDeliveryListResponse, tag=TAG, query=WebhookDeliveryListQuery, access="api_key")
def webhook_delivery_list(query: WebhookDeliveryListQuery) -> WebhookDeliveryListResponse:
    """List webhook deliveries

    Newest first, of the last 30 days.
    """
    wanted = DeliveryFilter(query.endpoint_id, query.status, query.type, time_from(query.since))
    found, total = list_deliveries(wanted, page=query.page, limit=query.limit)
    deliveries = [WebhookDeliveryOut.of(delivery) for delivery in found]
    return WebhookDeliveryListResponse(
        data=WebhookDeliveryListData(deliveries=deliveries, total=total, page=query.page, limit=query.limit)
    )


@blueprint.get(f"/webhook-deliveries/{DELIVERY}")
@endpoint(WebhookDeliveryResponse, tag=TAG, errors=[404], access="api_key")
def webhook_delivery_show(delivery_id: int) -> WebhookDeliveryResponse:
    """Get a webhook delivery

    With each of its attempts.
    """
    return WebhookDeliveryResponse.of(get_delivery(delivery_id))


@blueprint.post(f"/webhook-deliveries/{DELIVERY}/resend")
@endpoint(WebhookDeliveryResponse, tag=TAG, errors=[404, 409], access="api_key")
def webhook_delivery_resend(delivery_id: int) -> WebhookDeliveryResponse:
    """Resend a webhook delivery

    `webhook_id` stays the same.
    """
    return WebhookDeliveryResponse.of(resend(delivery_id, current_actor()))

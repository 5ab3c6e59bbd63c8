"""Sandbox shops (``docs/contract/api.md``, section 10). In a live shop each answers 403 ``live_shop``."""

from flask_babel import gettext

from shop.api import blueprint
from shop.api.auth import current_actor
from shop.queries.listing.times import time_from
from shop.schemas.envelope import Message
from shop.schemas.sandbox import ClockMove, ClockResponse, MessageOut, MessageQuery, MessagesData, MessagesResponse
from shop.services.sandbox.clock import advance_clock, read_clock, require_sandbox
from shop.services.sandbox.inbox import deliver_messages, list_messages
from shop.services.sandbox.shops import reset_sandbox
from shop.web.json_api.endpoint import endpoint

TAG = "Sandbox"


@blueprint.get("/sandbox/clock")
@endpoint(ClockResponse, tag=TAG, access="api_key")
def sandbox_clock_show() -> ClockResponse:
    """Get the sandbox's clock

    With real time. 403 `live_shop` with a key of a live shop.
    """
    return ClockResponse.of(read_clock())


@blueprint.post("/sandbox/clock")
@endpoint(ClockResponse, tag=TAG, body=ClockMove, errors=[409], access="api_key")
def sandbox_clock_move(body: ClockMove) -> ClockResponse:
    """Move the sandbox's clock forward

    Everything that is due on the way happens, in order: unpaid orders end, messages are written, data past its
    retention period is deleted; codes, tokens and idempotency keys expire. At most five years in one move. 409
    `clock_moving` while another request moves it.
    """
    return ClockResponse.of(advance_clock(current_actor(), by=body.advance, to=time_from(body.to)))


@blueprint.get("/sandbox/messages")
@endpoint(MessagesResponse, tag=TAG, query=MessageQuery, access="api_key")
def sandbox_message_list(query: MessageQuery) -> MessagesResponse:
    """List messages that would have been sent

    Newest first, with one-time codes. Nothing of a sandbox leaves the system.
    """
    require_sandbox()
    deliver_messages()
    found, total = list_messages(limit=query.limit, offset=query.offset, recipient=query.recipient.strip().lower())
    messages = [MessageOut.of(message) for message in found]
    return MessagesResponse(data=MessagesData(messages=messages, total=total, limit=query.limit, offset=query.offset))


@blueprint.post("/sandbox/reset")
@endpoint(Message, tag=TAG, access="api_key")
def sandbox_reset() -> Message:
    """Delete the sandbox's data

    Customers, orders, points and messages go, and the clock shows real time again; settings, products and keys stay.
    """
    reset_sandbox(current_actor())
    return Message(message=gettext("Sandbox reset"))

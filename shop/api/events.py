"""Events (``docs/api/events-and-webhooks.md``)."""

from shop.api import blueprint
from shop.queries.listing.times import time_from
from shop.schemas.events.feed import EventListData, EventListQuery, EventListResponse, EventOut
from shop.services.events.feed import list_events
from shop.web.json_api.endpoint import endpoint

TAG = "Events"


@blueprint.get("/events")
@endpoint(EventListResponse, tag=TAG, query=EventListQuery, access="api_key")
def event_list(query: EventListQuery) -> EventListResponse:
    """List events

    Oldest first. Ask again with `after` set to the `sequence` of the last event: none is ever missed, however many
    happen at once. Events are kept for 30 days, those of points for good.
    """
    page = list_events(query.patterns, since=time_from(query.since), after=query.after, limit=query.limit)
    return EventListResponse(
        data=EventListData(events=[EventOut.of(event) for event in page.events], has_more=page.has_more)
    )

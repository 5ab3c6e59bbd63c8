"""Loyalty registrations (``docs/contract/api.md``, sections 2 and 4)."""

from flask import current_app, url_for

from shop.api import blueprint
from shop.api.auth import current_actor
from shop.schemas.loyalty.registrations import (
    Decision,
    RegistrationListData,
    RegistrationListQuery,
    RegistrationListResponse,
    RegistrationOffsetData,
    RegistrationOffsetQuery,
    RegistrationOffsetResponse,
    RegistrationOut,
    RegistrationResponse,
    Rejection,
)
from shop.services.loyalty.registrations import decide_registration, get_registration, list_registrations
from shop.web.json_api.endpoint import endpoint

TAG = "Loyalty"
ID = "<id:registration_id>"


@blueprint.get("/customers/loyalty-registrations")
@endpoint(RegistrationListResponse, tag=TAG, query=RegistrationListQuery, access="api_key")
def registration_list(query: RegistrationListQuery) -> RegistrationListResponse:
    """List registrations

    Newest first.
    """
    offset = (query.page - 1) * query.limit
    found, total = list_registrations(status=query.status, limit=query.limit, offset=offset)
    data = RegistrationListData(
        registrations=[RegistrationOut.of(one, _picture(one.id)) for one in found],
        total=total,
        page=query.page,
        limit=query.limit,
    )
    return RegistrationListResponse(data=data)


@blueprint.get(f"/customers/loyalty-registrations/{ID}")
@endpoint(RegistrationResponse, tag=TAG, errors=[404], access="api_key")
def registration_show(registration_id: int) -> RegistrationResponse:
    """Get a registration

    With what the customer entered, and the decision.
    """
    return RegistrationResponse.of(get_registration(registration_id), _picture(registration_id))


@blueprint.post(f"/customers/loyalty-registrations/{ID}/approve")
@endpoint(RegistrationResponse, tag=TAG, errors=[404], access="api_key")
def registration_approve(registration_id: int) -> RegistrationResponse:
    """Approve a registration

    The customer is notified by mail. Repeating it changes nothing.
    """
    return RegistrationResponse.of(
        decide_registration(registration_id, "approved", current_actor()), _picture(registration_id)
    )


@blueprint.post(f"/customers/loyalty-registrations/{ID}/reject")
@endpoint(RegistrationResponse, tag=TAG, body=Rejection, errors=[404], access="api_key")
def registration_reject(registration_id: int, body: Rejection) -> RegistrationResponse:
    """Reject a registration

    The customer sees the reason and may register again.
    """
    return RegistrationResponse.of(
        decide_registration(registration_id, "rejected", current_actor(), reason=body.reason), _picture(registration_id)
    )


@blueprint.get("/marketing/loyalty/registrations")
@endpoint(RegistrationOffsetResponse, tag=TAG, query=RegistrationOffsetQuery, access="api_key")
def registration_list_by_offset(query: RegistrationOffsetQuery) -> RegistrationOffsetResponse:
    """List registrations by offset

    Newest first.
    """
    found, total = list_registrations(status=query.status, limit=query.limit, offset=query.offset)
    data = RegistrationOffsetData(
        registrations=[RegistrationOut.of(one, _picture(one.id)) for one in found],
        total=total,
        limit=query.limit,
        offset=query.offset,
    )
    return RegistrationOffsetResponse(data=data)


@blueprint.put(f"/marketing/loyalty/registrations/{ID}")
@endpoint(RegistrationResponse, tag=TAG, body=Decision, errors=[404], access="api_key")
def registration_decide(registration_id: int, body: Decision) -> RegistrationResponse:
    """Decide a registration

    A rejection needs a reason.
    """
    return RegistrationResponse.of(
        decide_registration(registration_id, body.status, current_actor(), reason=body.rejection_reason),
        _picture(registration_id),
    )


def _picture(registration_id: int) -> str:
    """Return the staff page's URL of a registration's picture."""
    path = url_for("staff.registration_image", registration_id=registration_id)
    return f"{current_app.config['PUBLIC_URL']}{path}"

"""A signed-in shopper's requests about their personal data (``docs/contract/api.md``, section 6)."""

from shop.schemas.privacy import (
    NewPrivacyRequest,
    PrivacyRequestData,
    PrivacyRequestListData,
    PrivacyRequestListResponse,
    PrivacyRequestOut,
    PrivacyRequestResponse,
)
from shop.services.privacy.requests import add_own_request, list_own_requests
from shop.storefront import blueprint
from shop.storefront.session import current_customer_id
from shop.web.json_api.endpoint import endpoint

TAG = "Shoppers"


@blueprint.get("/account/privacy-requests")
@endpoint(PrivacyRequestListResponse, tag=TAG, access="shopper_session")
def storefront_privacy_request_list() -> PrivacyRequestListResponse:
    """List the shopper's requests about personal data

    Newest first.
    """
    requests = [PrivacyRequestOut.of(request) for request in list_own_requests(current_customer_id())]
    return PrivacyRequestListResponse(data=PrivacyRequestListData(requests=requests))


@blueprint.post("/account/privacy-requests")
@endpoint(
    PrivacyRequestResponse,
    tag=TAG,
    body=NewPrivacyRequest,
    status=201,
    errors=[409],
    access="shopper_session",
    idempotent=True,
)
def storefront_privacy_request_create(body: NewPrivacyRequest) -> PrivacyRequestResponse:
    """Ask for access, correction, erasure, portability, or object

    The shop answers by `due_at`. 409 while a request of the same kind is open.
    """
    added = add_own_request(current_customer_id(), body.kind, body.note)
    return PrivacyRequestResponse(data=PrivacyRequestData(request=PrivacyRequestOut.of(added)))
